"""Threat: whoever runs another website reads in the Referer which page of the portal somebody comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from accounts import turns
from hub.models import Application
from tests.journeys import doing
from tests.support.factories import make_organisation, make_user
from tests.support.live import LivePortal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.support.browser import Walker
    from tests.support.smtp import Inbox


class Outsider:
    """Another website, over TLS as well, which notes what each visit says of where it comes from."""

    def __init__(self) -> None:
        self.visits: list[tuple[str, str]] = []
        self.site = LivePortal(self._answer, turns=turns.Turns(at_once=1))
        # To a browser another site than the portal.
        self.address = self.site.inner_url

    def _answer(self, environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        self.visits.append((environ["PATH_INFO"], environ.get("HTTP_REFERER", "")))
        start("200 OK", [("Content-Type", "text/html")])
        return [b"<title>Elsewhere</title>"]


@pytest.fixture
def outsider() -> Iterator[Outsider]:
    other = Outsider()
    other.site.start()
    yield other
    other.site.stop()


def test_no_page_with_a_way_out_says_where_a_person_comes_from(person: Walker, outsider: Outsider) -> None:
    """The one page with links of an organisation's own; with a query, as after a search, there is most to tell."""
    organisation = make_organisation()
    address = f"{outsider.address}/rota"
    Application.objects.create(organisation=organisation, name="Rota", address=address, description="Your shifts.")
    doing.come_in(person, make_user(organisation=organisation))
    person.page.goto(f"{person.url}/my-esr/?from=featherstone")
    with person.page.expect_navigation():
        person.page.locator(f'a[href="{address}"]').click()
    assert [visit for visit in outsider.visits if visit[0] == "/rota"] == [("/rota", "")]


def test_nor_does_a_page_behind_a_link_of_a_mail(
    person: Walker, outsider: Outsider, inbox: Inbox, deliver_mail: Callable[[], None]
) -> None:
    """As by a link that somebody has put there: no page of the portal's that needs a token has one."""
    user = make_user()
    doing.recover_unseen(person, email=user.email)
    deliver_mail()
    link = doing.links_in(inbox, user.email)[0]
    for page in (link, f"{link}mangled%20by%20a%20mail%20program/"):
        person.page.goto(page)
        with person.page.expect_navigation():
            person.page.evaluate(
                """address => { const a = document.createElement("a"); a.href = address; document.body.append(a);
                a.click(); }""",
                f"{outsider.address}/elsewhere",
            )
    assert [visit for visit in outsider.visits if visit[0] == "/elsewhere"] == [("/elsewhere", "")] * 2
