"""What typed usernames and addresses are compared as."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.identifiers import as_username, keyed_digest, normalise_email, normalise_username, without_blanks
from people.services import usernames

if TYPE_CHECKING:
    from pytest_django import Settings

# Characters that phones, East Asian keyboards, mail programs and word processors add.
ANYTHING = st.text() | st.text(alphabet="aZßſKİǰ９Ａ \u00a0\u200b\u202e\ufeff\u0301\t@.", max_size=12)


@pytest.mark.parametrize(
    "typed",
    [
        "999JSMITH01",
        "999jsmith01",
        "  999JSmith01\t\r\n",
        "\u00a0999JSMITH01\u3000",
        "\ufeff999JSMITH01\u200b",
        "\u202d999JSMITH01\u202c",
        "999JSM\u00adITH01",
        "９９９ＪＳＭＩＴＨ０１",
        "９９９ｊｓｍｉｔｈ０１",
        "999jſmith01",
        "999 JSMITH01",
        "999 J Smith 01",
        "999J'SMITH01",
        "999J’Smi‘th01",
        "999JʻSmith01",
        "999J-SMITH\u201101",
        "999JSMITH\u221201.",
        "999JSM\u00cdTH01",
        "999JSMI\u0301TH01",
        "999JSMıTH01",
    ],
)
def test_every_way_to_type_a_username_is_the_same_username(typed: str) -> None:
    assert normalise_username(typed) == "999JSMITH01"


@pytest.mark.parametrize(
    "typed", ["999JSMITH0l", "998JSMITH01", "999JSM\u0406TH01", "999JSMITH01@nhs.net", "999JSMITH\u0660\u0661", ""]
)
def test_another_username_stays_another(typed: str) -> None:
    assert normalise_username(typed) != "999JSMITH01"


@pytest.mark.parametrize(
    ("given_name", "family_name"),
    [("Chloe", "O'Brien-Évans"), ("Åse", "Sørensen"), ("Ása", "Mac Þórsson"), ("Jürgen", "Groß"), ("Ann", "St. John")],
)
def test_a_username_typed_with_the_marks_of_the_name_is_the_one_that_was_made_of_it(
    given_name: str, family_name: str
) -> None:
    made = usernames.beginning(organisation_code="999", given_name=given_name, family_name=family_name)
    assert normalise_username(f"999 {given_name[0]} {family_name.lower()} 01") == f"{made}01"


@given(ANYTHING)
def test_a_username_in_its_one_spelling_has_no_other(typed: str) -> None:
    assert normalise_username(normalise_username(typed)) == normalise_username(typed)


@given(ANYTHING | st.text(alphabet="0189AJZ"))
def test_what_is_in_its_one_spelling_is_not_spelt_again(typed: str) -> None:
    assert as_username(typed) == normalise_username(typed)


@pytest.mark.parametrize(
    "typed", ["Jo.Smith@NHS.net", " jo.smith@nhs.net\n", "\ufeffjo.smith@nhs.net", "JO.SMITH@NHS.NET"]
)
def test_every_way_to_type_an_address_is_the_same_address(typed: str) -> None:
    assert normalise_email(typed) == "jo.smith@nhs.net"


@pytest.mark.parametrize(
    "typed", ["ｊｏ.smith@nhs.net", "jo.smith@nhs．net", "jo.smith+esr@nhs.net", "josmith@nhs.net"]
)
def test_another_mailbox_stays_another(typed: str) -> None:
    """Threat: a look-alike address passes for that of a person (Unicode, and mail systems that tell them apart)."""
    assert normalise_email(typed) != "jo.smith@nhs.net"


@given(ANYTHING)
def test_an_address_that_is_stored_and_read_again_stays_the_same(typed: str) -> None:
    assert normalise_email(normalise_email(typed)) == normalise_email(typed)


@given(st.data(), st.from_regex(r"[0-9]{3}[A-Z0-9]{2,20}", fullmatch=True))
def test_any_mix_of_the_ways_to_type_a_username_is_the_same_username(data: st.DataObject, stored: str) -> None:
    """Threat: a spelling that finds the person but not the counter of their wrong passwords."""
    full_width = {character: chr(ord(character) + 0xFEE0) for character in stored}
    rare = {"S": "\u017f", "K": "\u212a", "A": "\u24b6", "1": "\u00b9"}
    ways = [{c, c.lower(), full_width[c], full_width[c].lower(), rare.get(c, c)} for c in stored]
    between = data.draw(st.sampled_from(["\u200b", " ", "-", "’", "\u0301", ""]))
    typed = between.join(data.draw(st.sampled_from(sorted(way))) for way in ways)
    assert normalise_username(f" {typed}\u202c\n") == stored


@given(st.from_regex(r"[0-9]{3}[A-Z0-9]{2,60}", fullmatch=True))
def test_a_stored_username_is_found_by_itself(stored: str) -> None:
    assert normalise_username(stored) == stored


@given(ANYTHING)
def test_nothing_invisible_and_no_outer_blank_is_left(typed: str) -> None:
    kept = without_blanks(typed)
    assert kept == kept.strip()
    assert not set(kept) & set("\0\n\u200b\u202e\ufeff\ud800")


@given(ANYTHING)
def test_a_digest_can_be_made_of_whatever_was_typed(typed: str) -> None:
    assert len(keyed_digest(purpose="test", value=normalise_username(typed))) == 64


def test_digests_of_two_kinds_cannot_be_compared() -> None:
    digest = keyed_digest(purpose="one", value="999JSMITH01")
    assert digest == keyed_digest(purpose="one", value="999JSMITH01")
    assert digest != keyed_digest(purpose="two", value="999JSMITH01")
    assert "JSMITH" not in digest.upper()


def test_a_digest_needs_the_portals_key(settings: Settings) -> None:
    """Threat: an attacker who has read the database tries usernames until one fits a counter."""
    digest = keyed_digest(purpose="one", value="999JSMITH01")
    settings.SECRET_KEY = "another key"
    assert keyed_digest(purpose="one", value="999JSMITH01") != digest
