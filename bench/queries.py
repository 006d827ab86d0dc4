"""Database queries that each page costs, counted at Django's door, on the way of a person who recovers and logs in."""

from __future__ import annotations

import dataclasses
import re
from typing import Any
from urllib.parse import urlsplit

from bench import portal
from bench.browser import HOST, USER_AGENT

NEW_PASSWORD = "marble lantern orchard"  # noqa: S105 - made up.
# In the place of an address: that of the page before, and where its answer leads.
HERE, ONWARD = "here", "onward"
# The field in which a page's form says what it is about.
ABOUT = r'name="about" value="([0-9a-f]{64})"'


@dataclasses.dataclass(frozen=True, slots=True)
class Cost:
    """What a page asks of the database: queries, and the statements that begin or end a transaction."""

    page: str
    queries: int
    transactions: int


def count() -> list[Cost]:
    """Return what each page costs."""
    from django.contrib.auth.hashers import make_password

    from accounts.models import User
    from accounts.services import recovery

    portal.make_people("QUERY", 1)
    user = User.objects.get(username="999QUERY00000")
    # A joiner: they have no password that the new one could be.
    User.objects.filter(pk=user.pk).update(password=make_password(None))
    user.refresh_from_db()
    link = urlsplit(recovery.new_link_for_admin(user=user)).path
    right = {"username": user.username, "password": NEW_PASSWORD}
    wrong = {"username": "999NOBODY00001", "password": "wrong"}
    born = portal.DATE_OF_BIRTH
    asked = {"email": "nobody@bench.example"} | {
        f"date_of_birth_{part}": str(getattr(born, part)) for part in ("day", "month", "year")
    }
    steps: list[tuple[str, str, dict[str, str] | None]] = [
        ("hub", "/", None),
        ("help", "/help/", None),
        ("recovery form", "/recovery/", None),
        ("recovery form, sent", "/recovery/", asked),
        ("recovery answer", "/recovery/requested/", None),
        ("link in the mail", link, None),
        ("new password", ONWARD, None),
        ("new password, sent", HERE, {"new_password": NEW_PASSWORD}),
        ("recovery done", ONWARD, None),
        ("log-in form", "/log-in/", None),
        ("log-in, wrong password", "/log-in/", wrong),
        ("log-in, right password", "/log-in/", right),
        ("My ESR", "/my-esr/", None),
        ("log out", "/log-out/", {}),
    ]
    client = _client()
    costs: list[Cost] = []
    here, answer = "", None
    for name, wanted, sent in steps:
        if name == "log-in form":
            # A person who logs in has, as a rule, not just recovered.
            client = _client()
        path = {HERE: here, ONWARD: answer.headers.get("Location", "") if answer else ""}.get(wanted, wanted)
        # A form sends along what it is about.
        if sent and wanted == HERE and answer and (about := re.search(ABOUT, answer.text)):
            sent = {**sent, "about": about[1]}  # noqa: PLW2901
        cost, answer = _cost(client, name, path, sent)
        costs.append(cost)
        here = path
    return costs


def _client() -> Any:
    from django.test import Client

    return Client(headers={"host": HOST, "user-agent": USER_AGENT}, REMOTE_ADDR="10.3.0.1")


def _cost(client: Any, page: str, path: str, sent: dict[str, str] | None) -> tuple[Cost, Any]:
    """Return what a request costs, and its answer; raise where its answer is not one of a page that works."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path, secure=True) if sent is None else client.post(path, sent, secure=True)
    if answer.status_code not in {200, 302}:
        msg = f"{path} answered {answer.status_code}"
        raise RuntimeError(msg)
    begin_or_end = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")
    transactions = sum(query["sql"].startswith(begin_or_end) for query in captured)
    return Cost(page=page, queries=len(captured) - transactions, transactions=transactions), answer
