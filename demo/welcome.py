"""What `make run` prints once the portal answers."""

from django.conf import settings
from django.urls import reverse

from demo import people
from demo.cast import PASSWORD


def text(*, has_inbox: bool) -> str:
    """Return where to look and who to log in as, in a few lines. `has_inbox`: mail arrives in the demo inbox."""
    inbox = _address("demo_inbox") if has_inbox else f"goes to {settings.EMAIL_HOST}, as EMAIL_URL says"
    cast = [f"    {shown.user.username:<20}{shown.part.situation.value}" for shown in people.everybody()]
    return "\n".join(
        [
            f"  Log in           {_address('log_in')}",
            f"  Demo people      {_address('demo_people')}  (dates of birth, what to try, the helpdesk's code)",
            f"  Their mail       {inbox}",
            "",
            f"  Whoever has a password has: {PASSWORD}",
            "",
            *cast,
            "",
            f"  State is kept in {settings.STATE_DIR}",
        ]
    )


def _address(name: str) -> str:
    return settings.BASE_URL + reverse(name)
