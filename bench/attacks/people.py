"""What people do in attacks, by the pages that they use: they log in, are mailed a link, and set a new password."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bench import portal
from bench.attacks.visitor import Unexpected, Visitor

if TYPE_CHECKING:
    from bench.attacks.rig import Rig
    from bench.browser import Answer

NEW_PASSWORD = "marble lantern orchard 9"  # noqa: S105 - made up.
# Seconds within which a mail is there.
MAILED_WITHIN = 60.0
ABOUT = re.compile(rb'name="about" value="([0-9a-f]{64})"')


def try_to_log_in(visitor: Visitor, username: str, password: str) -> Answer:
    """Open the form and send it, again where the portal is busy; return the answer."""
    form = visitor.open("/log-in/")
    return visitor.wait_and_post("/log-in/", form, username=username, password=password)[0]


def is_in(visitor: Visitor, answer: Answer) -> bool:
    """Return whether an answer to a log-in leads to My ESR, and a person is logged in there."""
    if answer.status != 302 or answer.location != "/my-esr/":
        return False
    return b"Log out" in visitor.open(answer.location).body


def log_out(visitor: Visitor) -> None:
    """End the session of a browser, which keeps its other cookies. Raises Unexpected."""
    answer = visitor.post("/log-out/", visitor.open("/log-out/"))
    if answer.status != 302:
        msg = f"logging out answered {answer.status}"
        raise Unexpected(msg)


def ask_for_recovery(visitor: Visitor, email: str) -> Answer:
    """Send the recovery form with the date of birth that people here have; return the answer."""
    form = visitor.open("/recovery/")
    return visitor.post("/recovery/", form, **recovery_fields(email))


def recovery_fields(email: str) -> dict[str, str]:
    """Return what a person types into the recovery form."""
    born = portal.DATE_OF_BIRTH
    parts = {"day": born.day, "month": born.month, "year": born.year}
    return {"email": email, **{f"date_of_birth_{name}": str(value) for name, value in parts.items()}}


def mailed_link(rig: Rig, email: str) -> str:
    """Wait for a mail to `email` with a recovery link; return the path of the newest. Raises Unexpected."""
    until = time.monotonic() + MAILED_WITHIN
    while time.monotonic() < until:
        for mail in reversed(rig.mail.mails):
            paths = [urlsplit(link).path for link in mail.links] if email in mail.recipients else []
            for path in paths:
                if path.startswith("/recovery/link/"):
                    return path
        time.sleep(0.1)
    msg = "no mail with a link came"
    raise Unexpected(msg)


def open_link(visitor: Visitor, path: str) -> tuple[str, Answer]:
    """Open a link of a mail; return the address of the page that it leads to, and the page."""
    answer = visitor.get(path)
    return answer.location, visitor.open(answer.location)


def about(page: Answer) -> dict[str, str]:
    """Return what the form of a page says it is about."""
    found = ABOUT.search(page.body)
    return {"about": found[1].decode()} if found else {}


def recover(rig: Rig, visitor: Visitor, email: str, password: str = NEW_PASSWORD) -> bool:
    """Take the whole way back: form, mail, link, new password. Return whether the password was set."""
    if ask_for_recovery(visitor, email).status != 302:
        return False
    path, page = open_link(visitor, mailed_link(rig, email))
    answer, _ = visitor.wait_and_post(path, page, new_password=password, **about(page))
    return answer.status == 302
