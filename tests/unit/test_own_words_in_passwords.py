"""The words of a person, an organisation and the service are found in a password in any script and spelling."""

from __future__ import annotations

import pytest
from django.test import override_settings
from django.utils import translation
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import common_passwords
from accounts.models import Organisation, User
from accounts.services import password_policy


def person(*, given_name: str = "Ada", family_name: str = "Quill", **more: str) -> User:
    """Return a person who is in no database."""
    place = {
        key: more.pop(key) for key in ("name", "welsh_name", "code", "support_email", "it_support_email") if key in more
    }
    organisation = Organisation(
        **({"name": "Fernhollow Care NHS Trust", "code": "999", "support_email": "esr@fernhollow.nhs.uk"} | place)
    )
    facts = {"username": "999AQUILL07", "email": "a.quill@nhs.net", "employee_number": "10734526"} | more
    return User(given_name=given_name, family_name=family_name, organisation=organisation, **facts)


def reasons(password: str, user: User) -> list[str]:
    broken = password_policy.broken_rules(password=password, user=user)
    return [rule.message for rule in broken if rule.code == "personal"]


NAMES = [
    # Strokes and ligatures, which have no accent to take off.
    ("Søren", "Ørsted", "sorenorsted1"),
    ("Søren", "Ørsted", "SørenØrsted1"),
    ("Søren", "Ørsted", "soerenoersted"),
    ("Soeren", "Oersted", "sørenørsted1"),
    ("Æthelred", "Bjørnstad", "bjornstad-2026"),
    ("Æthelred", "Bjørnstad", "aethelred2026"),
    ("Łukasz", "Wałęsowicz", "Walesowicz12!"),
    ("Đorđe", "Đurđević", "Durdevic-2026"),
    ("Guðrún", "Þorvaldsdóttir", "Thorvaldsdottir"),
    ("Jörg", "Weißmüller", "Weissmueller1"),
    ("Jörg", "Weißmüller", "weissmuller-1"),
    ("Joerg", "Weissmueller", "Weißmüller123"),
    ("Åse", "Ågård", "Aagaard-2026!"),
    ("Ħamza", "Żammit", "hamzazammit-1"),
    ("Ŋwame", "Ŋwatɔ", "ngwamengwato1"),
    ("Işıl", "Yıldırım", "yildirim-2026"),
    ("Thị", "Nguyễn", "NguyenThi-2026"),
    ("Kalaniʻōpuʻu", "Ka", "kalaniopuu-26"),
    # Other scripts, as they stand and in Latin letters.
    ("Σοφία", "Παπαδοπούλου", "Παπαδοπούλου1"),
    ("Σοφία", "Παπαδοπούλου", "ΠΑΠΑΔΟΠΟΥΛΟΥ1"),
    ("Ιωάννης", "Γεωργίου", "Ιωαννης-2026!"),
    ("Иван", "Щербаков", "Щербаков2026"),
    ("Иван", "Щербаков", "Shcherbakov26"),
    ("Ivan", "Shcherbakov", "щербаков2026"),
    ("שלמה", "אברהמסון", "אברהמסון1234"),
    ("محمد", "الإبراهيمي", "الابراهيمي12"),
    ("小明", "王", "王小明王小明王小明王小明!"),
    # Written as they sound: no letter of these looks like a Latin one.
    ("Giorgi", "Maisuradze", "გიორგიმაისურაძე"),
    ("Giorgi", "Maisuradze", "გიორგიმაისურაძე1"),
    ("Davit", "Hakobyan", "դավիթհակոբյան"),
    ("Bogdan", "Zhdanov", "богданжданов7"),
    ("민수", "김", "김민수김민수김민수1234"),
    # As one letter, as two, and with marks that are no letters.
    ("Conor", "O’Brien-Fitzroy", "OBrienFitzroy1"),
    ("Conor", "O'Brien", "Obrien123456!"),
    ("Anne-Marie", "St. John", "stjohnannemarie"),
    ("Ann", "Bo", "AnnBoAnnBo-26"),
]


@pytest.mark.parametrize(("given_name", "family_name", "password"), NAMES)
def test_a_name_is_found_in_any_script_and_spelling(given_name: str, family_name: str, password: str) -> None:
    """OWASP ASVS 6.2.11: a list of words about the person and the place, in the letters that people write them in."""
    assert "your name" in " ".join(reasons(password, person(given_name=given_name, family_name=family_name)))


ADDRESSES = [
    ("b.li@nhs.net", "b.li@nhs.net", "your email address"),
    ("b.li@nhs.net", "B.Li@NHS.net1", "your email address"),
    ("b.li@nhs.net", "b-li@nhs-net!", "your email address"),
    ("jo@x.example", "jo@x.example", "your email address"),
    ("zorbaq77@quillfeather.example", "zorbaq77!!!!", "your email address"),
    ("zorbaq@quillfeather.example", "quillfeather.example", "your email address"),
    ("zorbaq@quillfeather.example", "Quillfeather-1", "your email address"),
    ("firstname.lastname-with-more@a-long-domain.nhs.uk", "firstname.lastname-with-more@a-long-domain.nhs.uk",
     "your email address"),
    ("zorbaq@xn--mnchen-3ya.example", "zorbaq@münchen.example", "your email address"),
    ("", "esr@fernhollow.nhs.uk", "your organisation's email address"),
    ("", "ESR@Fernhollow.NHS.uk1", "your organisation's email address"),
    ("", "wexlip@fernhollow.nhs.uk", "your organisation's email address"),
]  # fmt: skip


@pytest.mark.parametrize(("email", "password", "said"), ADDRESSES)
def test_a_whole_address_is_a_word_with_and_without_its_domain(email: str, password: str, said: str) -> None:
    user = person(name="Zed Ambulance", email=email or "a.quill@nhs.net", it_support_email="wexlip@fernhollow.nhs.uk")
    assert said in " ".join(reasons(password, user))


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Electronic Staff Record 1", "this service's name"),
        ("ElectronicStaffRecord", "this service's name"),
        ("3lectr0nic-st@ff-record", "this service's name"),
        ("https://my.esr.nhs.uk", "this service's address"),
        ("my.esr.nhs.uk", "this service's address"),
        ("https://esr.quillfeather.example", "this service's address"),
        ("esr.quillfeather.example/log-in/", "this service's address"),
        ("esr-portal-2026", "this service's name"),
    ],
)
@override_settings(BASE_URL="https://esr.quillfeather.example")
def test_the_services_name_and_address_are_words_of_every_person(password: str, said: str) -> None:
    assert said in " ".join(reasons(password, person()))
    broken = password_policy.broken_rules(password=password, user=None)
    assert said in " ".join(rule.message for rule in broken)


PLACES = [
    ("Yorkshire Ambulance Service NHS Trust", "Italia_YAS112"),
    ("Yorkshire Ambulance Service NHS Trust", "yas-yas-yas-1"),
    ("Bwrdd Iechyd Môn", "BwrddIechydMon"),
    ("Hôpital Saint-Élie", "hopitalsaintelie"),
    ("King’s College Hospital", "KingsCollege1"),
    ("Ørsted Health", "orsted-health"),
]


@pytest.mark.parametrize(("name", "password"), PLACES)
def test_the_organisations_name_and_initials_are_found_in_any_spelling(name: str, password: str) -> None:
    assert reasons(password, person(name=name)), password


@pytest.mark.parametrize("password", ["BwrddIechydMon", "bwrdd-iechyd-môn", "ynysynysynys1", "Ynys Anglesey 1"])
@pytest.mark.parametrize("language", ["en-gb", "cy"])
def test_its_name_in_welsh_is_a_word_of_its_people_whatever_the_language_of_the_page(
    password: str, language: str
) -> None:
    anglesey = {"name": "Anglesey Care", "welsh_name": "Bwrdd Iechyd Ynys Môn"}
    with translation.override(language):
        assert reasons(password, person(**anglesey)), password


@pytest.mark.parametrize(
    ("code", "password"),
    [("101", "lola and bella"), ("101", "lollipop-lolly"), ("507", "sotsotsotsot"), ("305", "eos-eos-eos-eos")],
)
def test_digits_of_the_organisation_are_not_found_in_letters(code: str, password: str) -> None:
    assert not [reason for reason in reasons(password, person(code=code)) if "code" in reason]


def test_letters_of_a_person_are_not_found_in_digits() -> None:
    user = person(name="Southern Oxford Trust", given_name="Lol", family_name="Siegel", email="sot@x.example")
    for password in ("101101101-507507", "51393151393 1"):
        assert not reasons(password, user)
    assert "your organisation's code" in reasons("999-999-999-999!", person())[0]
    assert "your ESR number" in reasons("10734526-10734526", person())[0]


@pytest.mark.parametrize(
    "password",
    [
        "smith coffee train window",
        "кофе поезд окно дождь",
        "駅前の静かな図書館で会う約束",
        "papadopoulou velvet lantern ferry",
        "Rq7sorenLm2ZtKpw",
    ],
)
def test_a_good_password_may_contain_them_in_any_script(password: str) -> None:
    for user in (
        person(given_name="Sören", family_name="Smith"),
        person(given_name="Σοφία", family_name="Παπαδοπούλου"),
    ):
        assert not reasons(password, user)


@given(
    st.text(st.characters(categories=["L", "M"]), min_size=5, max_size=20), st.sampled_from(["", "1", "-2026", "!!"])
)
@hypothesis_settings(max_examples=50, deadline=None)
def test_a_name_of_any_letters_as_it_stands_is_found(name: str, end: str) -> None:
    """The name goes through the same unmangling as the password: whatever it does to a letter, it does to both."""
    found = common_passwords.recognise(password=name + end, own_words={name: "your name"})
    assert found or not any(c.isalpha() for c in name)
