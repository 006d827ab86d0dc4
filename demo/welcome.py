"""What `make run` prints once the portal answers."""

from collections.abc import Mapping

from django.conf import settings
from django.urls import reverse

from demo import inbox, people, stand_in
from demo.cast import PASSCODE, PASSWORD


def text(environment: Mapping[str, str]) -> str:
    """Return where to look and who to log in as, in a few lines. `environment` is what the portal was told on top."""
    has_inbox = inbox.VARIABLE in environment
    mail = _address("demo_inbox") if has_inbox else f"goes to {settings.EMAIL_HOST}, as EMAIL_URL says"
    care_identity = environment.get(stand_in.VARIABLE)
    cards = f"{care_identity}/  (a stand-in, with demo cards)" if care_identity else "as CARE_IDENTITY_* say"
    cast = [f"    {shown.user.username:<20}{shown.part.situation.value}" for shown in people.everybody()]
    return "\n".join(
        [
            f"  Log in           {_address('log_in')}",
            f"  Demo people      {_address('demo_people')}  (dates of birth, what to try, the helpdesk's code)",
            f"  Their mail       {mail}",
            f"  Care Identity    {cards}",
            "",
            f"  Whoever has a password has: {PASSWORD}",
            f"  Whoever has a smartcard has the passcode: {PASSCODE}",
            "",
            *cast,
            "",
            f"  State is kept in {settings.STATE_DIR}",
        ]
    )


def _address(name: str) -> str:
    return settings.BASE_URL + reverse(name)
