"""Email addresses in the desk's lists go on in the next line at their @ and full stops, and not within a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys import doing
from tests.support.browser import DESKTOP, PHONE
from tests.support.corrections import asked_by_card
from tests.support.factories import make_user
from tests.support.helpdesk import at_work, make_lead
from tests.support.imports import csv_of, line_of, looked_at, page_of, victim

if TYPE_CHECKING:
    from playwright.sync_api import ViewportSize

    from tests.journeys.conftest import TypeOfPerson

# The narrowest that agents work at.
NARROW_TABLET: ViewportSize = {"width": 768, "height": 1024}
OLD, NEW = "alexandria.featherstonehaugh@nhs.net", "alexandria.cholmondeley@northernuniversity.nhs.net"
# How many lines each part of an address stands in that nothing but a word is in.
LINES = """
    Array.from(document.querySelectorAll(".desk-table__value--address")).flatMap(value =>
        Array.from(value.childNodes).filter(node => node.nodeType === 3 && node.data.trim()).map(node => {
            const range = document.createRange();
            range.selectNodeContents(node);
            return new Set(Array.from(range.getClientRects(), each => each.top)).size;
        }))
"""


def test_no_word_of_an_address_is_broken(somebody: TypeOfPerson) -> None:
    person, by = make_user(given_name="Alexandria", family_name="Featherstonehaugh", email=OLD), make_lead()
    asked_by_card(person, NEW)
    row = looked_at(csv_of(line_of(victim(), email=NEW)), by=by)
    lead = somebody(size=PHONE, also=[NARROW_TABLET, DESKTOP])
    doing.go_on_from(lead, at_work(by))
    for page in ("/admin/desk/corrections/", page_of(row)):
        lead.open(page)
        for size in lead.sizes():
            lines = lead.page.evaluate(LINES)
            assert len(lines) >= 6
            assert set(lines) == {1}, (page, size)
            assert lead.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
