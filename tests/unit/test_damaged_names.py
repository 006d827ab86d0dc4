"""Names as exports have them: what a program has damaged is refused, what people are called is not."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from accounts.models import User
from people.services import person_facts
from tests.support.factories import make_organisation
from tests.support.helpdesk import PEOPLE
from tests.support.people_files import HEADING, faults, jo, run, run_bytes
from tests.support.steps import PortalClient

pytestmark = pytest.mark.one_database

LOST, NO_LETTER = "A letter of this name was lost", "that is no letter"
NO_VALUE = "in place of a value"
WEB_PAGE, PROGRAMS = "as in a web page", "as programs write it"
AROUND, ONE_MARK = "quotation marks around this name", "one quotation mark"
MISREAD = "read in another"

DAMAGED = {
    "O\ufffdBrien": LOST,
    "O?Brien": LOST,
    "Zo?": LOST,
    "Jo\u0378": NO_LETTER,
    "Jo\uf8ff": NO_LETTER,
    "Jo\ufffe": NO_LETTER,
    "Jo\U000e0080": NO_LETTER,
    "Jo\ufffc": NO_LETTER,
    "Zo√´": NO_LETTER,
    "Zo├½": NO_LETTER,
    "#N/A": NO_VALUE,
    "#n/a": NO_VALUE,
    "#REF!": NO_VALUE,
    "#VALUE!": NO_VALUE,
    "#NAME?": NO_VALUE,
    "#DIV/0!": NO_VALUE,
    "#NULL!": NO_VALUE,
    "#NUM!": NO_VALUE,
    "#SPILL!": NO_VALUE,
    "#GETTING_DATA": NO_VALUE,
    "#NV": NO_VALUE,
    "#####": NO_VALUE,
    "Err:502": NO_VALUE,
    "N/A": NO_VALUE,
    "(null)": NO_VALUE,
    "=VLOOKUP(A2;B:C;2)": NO_VALUE,
    "O&#39;Brien": WEB_PAGE,
    "O&#39Brien": WEB_PAGE,
    "O&#x27;Brien": WEB_PAGE,
    "O&apos;Brien": WEB_PAGE,
    "O&amp;#39;Brien": WEB_PAGE,
    "Ren&eacute;e": WEB_PAGE,
    "O\\'Brien": PROGRAMS,
    "Zo\\u00eb": PROGRAMS,
    "O%27Brien": PROGRAMS,
    "Zo=C3=AB": PROGRAMS,
    "=?utf-8?q?Zo=C3=AB?=": NO_VALUE,
    '"Jo"': AROUND,
    "'Jo'": AROUND,
    "“Jo”": AROUND,
    '"Jo': ONE_MARK,
    'Jo"': ONE_MARK,
    '"': ONE_MARK,
    "Oâ€™Brien": MISREAD,
    "O‚ÄôBrien": MISREAD,
    "OΓÇÖBrien": MISREAD,
    "ZoÃ«": MISREAD,
    "ZOÃ‹": MISREAD,
    "JuditÃ": MISREAD,
    "NuÃ±ez": MISREAD,
    "Å imiÄ‡": MISREAD,
    "Å\u0081ukasz": "invisible character",
    "Nguyá»…n": MISREAD,
    "Î£Î¿Ï†Î¯Î±": MISREAD,
    "ÐžÐ»ÑŒÐ³Ð°": MISREAD,
    "çŽ‹": MISREAD,
    "ZoÃƒÂ«": MISREAD,
}
NAMES = [
    *(
        "O'Brien",
        "O’Brien",
        "Oʼbrien",
        "D´Souza",
        "王",
        "Ng",
        "Null",
        "Nan",
        "None",
        "Na",
        "-",
        "'t Hooft",
        "Ana'",
        "N'",
    ),
    *(
        "Smith, Jr",
        'Jo "Mac"',
        '"Mac" Jo',
        "Smith-Jones",
        "Smith–Jones",
        "ANDRÉ–PAUL",
        "D’É",
        "ZOË",
        "MAGALHÃES",
        "JOÃO",
    ),
    *("SÃO JOSÉ", "GRÅBERG", "ÅSA", "Åsa", "Ærø", "Ðorđević", "Groß–Müller", "Voß’", "Großœuvre", "Éšek", "Œuvrard"),
    *(
        "Nguyễn",
        "Σοφία",
        "Ольга",
        "שרה",
        'רש"י',
        "محمد",
        "نی\u200cنا",
        "ᎠᏓᏬᏍᎩ",
        "ꓡꓲ",
        "山田 太郎",
        "Jr.",
        "X Æ A-12",
        "Ti\u00a0Jo",
    ),
    *("d'É.", "N\u2019Golo", "Jo & Ann", "Jo & Ann;", "Kƒà", "A/B", "Mª José", "Coël", "Ö", "İpek", "Ḥasan", "100%"),
]


@pytest.mark.parametrize(("name", "says"), DAMAGED.items())
def test_a_damaged_name_is_refused_with_how(name: str, says: str) -> None:
    assert says in person_facts.name_problem(name=person_facts.tidy_name(name))


@pytest.mark.parametrize("name", NAMES)
def test_what_people_are_called_is_right(name: str) -> None:
    assert person_facts.name_problem(name=person_facts.tidy_name(name)) == ""


@settings(max_examples=500)
@given(st.text(alphabet=st.characters(min_codepoint=0xA1, max_codepoint=0x4FFF, categories=["Lu", "Ll", "Lo"])))
def test_a_letter_beyond_ascii_that_was_misread_is_always_seen(letters: str) -> None:
    """Whatever the script, unless it cannot be told from a name: a capital letter and one that may follow it."""
    for letter in letters:
        misread = letter.encode().decode("cp1252", "replace")
        assume(len(misread) == 3 or misread[0] in "ÂÃÄÅ" or misread[1] not in "’‘–—ŠšŒœŽžŸªº")
        assert person_facts.name_problem(name=f"A{misread}b"), misread


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["O&#39;Brien", "Oâ€™Brien", "#N/A", "'Jo'", "O\ufffdBrien", "Jo\u0378"])
@pytest.mark.parametrize("column", ["given_name", "family_name"])
def test_every_door_refuses_it(desk: PortalClient, agent: User, column: str, name: str) -> None:
    """A username is made from a name for good: 777JOATMBRIEN01 out of Oâ€™Brien."""
    problem = person_facts.name_problem(name=name)
    (fault,) = faults(jo(), jo(employee_number="10000002", **{column: name}))
    assert fault.startswith(f"line 3, {column}: {problem}")
    facts = {"given_name": "Jo", "family_name": "Smith", "email": "jo@nhs.net", "employee_number": "20000001"}
    typed = {"new_date_of_birth": "15/3/1984", "person_type": "staff", "organisation": agent.organisation_id}
    answer = desk.post(f"{PEOPLE}add/", facts | typed | {column: name})
    assert answer.context["adminform"].form.errors[column] == [problem]
    with pytest.raises(CommandError) as refused:
        call_command("create_admin", **{**facts, "organisation": "999", "date_of_birth": "15/3/1984", column: name})
    assert str(refused.value) == f"--{column.replace('_', '-')}: {problem}"
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_a_blank_before_a_field_in_quotation_marks_is_none_of_the_field() -> None:
    make_organisation()
    run(' "999", "10000001",  "Jo", "Smith, Jr", "jo@nhs.net", "1980-04-23", "staff"')
    assert User.objects.get().get_full_name() == "Jo Smith, Jr"
    heading = HEADING.replace(",", ', "').replace(', "', '", "') + '"'
    assert run_bytes(f'"{heading}\n"999","10000002", "Jo", "Ng", "ng@nhs.net", "1980-04-23", "staff"\n'.encode()).added


@pytest.mark.django_db
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_so_is_it_whatever_parts_the_fields(separator: str) -> None:
    make_organisation()
    fields = ["999", "10000001", '"Jo"', '"王"', '"jo@nhs.net"', "1980-04-23", "staff"]
    content = "\n".join([HEADING.replace(",", separator), f"{separator} ".join(fields), ""])
    assert run_bytes(content.encode()).added == 1
    assert User.objects.get().get_full_name() == "Jo 王"


@pytest.mark.django_db
def test_quotation_marks_that_are_left_in_a_field_are_a_fault() -> None:
    make_organisation()
    (fault,) = faults(jo(given_name='"""Jo"""'))
    assert fault.startswith(f"line 2, given_name: There are {AROUND}")
