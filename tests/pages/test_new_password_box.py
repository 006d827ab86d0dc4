"""The box for a new password, on each of the four pages that have one."""

from __future__ import annotations

import pytest

from accounts.services import password_policy
from tests.pages.test_recovery_start import page
from tests.support.factories import make_user
from tests.support.steps import PortalClient
from tests.support.tabs import BY_NAME, Tab

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["recovery", "must change", "change", "grant"])
def test_the_box_is_described_by_its_rules_and_managers_make_a_password_by_them(
    client: PortalClient, name: str
) -> None:
    tab, journey = Tab(client), BY_NAME[name]
    user = journey.begin(tab)
    box = tab.page.select_one("#id_new_password")
    assert box is not None
    assert box["passwordrules"] == "minlength: 12; maxlength: 256;"
    assert box["autocomplete"] == "new-password"
    rules = tab.page.select_one("[id=password-rules]")
    assert rules is not None
    assert str(box["aria-describedby"]).split() == ["password-rules"]
    assert all(rule.sentence in rules.get_text() for rule in password_policy.rules())

    refused = page(tab.send({**journey.typed(tab, user), "new_password": "password1"}))
    box = refused.select_one("#id_new_password")
    assert box is not None
    assert str(box["aria-describedby"]).split() == ["password-rules", "id_new_password-error"]
    # Each rule is one line, in the summary and beside the box, and nowhere else.
    beside = refused.select_one("#id_new_password-error")
    assert beside is not None
    lines = [link.get_text(strip=True) for link in refused.select(".nhsuk-error-summary a[href='#id_new_password']")]
    assert len(lines) == len(set(lines)) == 2
    for line in lines:
        assert beside.get_text().count(line) == 1
        assert refused.get_text().count(line) == 2


def test_password_managers_find_the_page_that_changes_a_password(client: PortalClient) -> None:
    for _ in range(2):
        answer = client.get("/.well-known/change-password")
        assert (answer.status_code, answer["Location"]) == (302, "/change-password/")
        client.force_login(make_user())
    # They ask for this one first: a site that answers all addresses has no such page.
    assert (
        client.get("/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200").status_code == 404
    )
