"""Email addresses: one spelling for one mailbox, and never one for two."""

from __future__ import annotations

import idna
import pytest
from django.db import transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from accounts import email_addresses
from accounts.email_addresses import Fault
from accounts.forms.recovery import RecoveryForm
from accounts.identifiers import normalise_domain, normalise_email
from accounts.models import RecoveryRequest
from accounts.models.recovery_request import Outcome
from accounts.services import recovery
from tests.support.factories import DATE_OF_BIRTH, make_user

# Each folds to one of the others, or is composed of them, in one of Unicode's ways.
LOOK_ALIKE = "sSßſẞkK\u212aiIıİïöo\u0308σςﬁf"
LOCAL_PARTS = st.text(alphabet=LOOK_ALIKE + ".+-'1", min_size=1, max_size=5)
# U-labels as IDNA 2008 has them, and what is ASCII anyway.
LABELS = st.text(alphabet="sSßkiIıïöσςf1" + "\u0646\u0627\u0645\u0647\u06cc\u200c", min_size=1, max_size=5)


def name_in_dns(domain: str) -> list[str] | None:
    """Return the labels that a resolver asks for (RFC 5891, 4.4 and RFC 4343), or None where it has none."""
    try:
        return [label.lower() if label.isascii() else idna.alabel(label).decode() for label in domain.split(".")]
    except ValueError:
        return None


def mailbox(address: str) -> tuple[str, list[str]]:
    """Return what a mail server tells mailboxes apart by, the case of ASCII letters aside."""
    local_part, _, domain = address.rpartition("@")
    name = name_in_dns(domain)
    assume(name is not None)
    assert name is not None
    return "".join(c.lower() if c.isascii() else c for c in local_part), name


ADDRESSES = st.builds("{}@{}.example".format, LOCAL_PARTS, LABELS)
DELIVERABLE = ADDRESSES.filter(lambda address: email_addresses.fault(normalise_email(address)) is None)


@settings(max_examples=300, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(ADDRESSES, ADDRESSES)
def test_two_mailboxes_never_have_one_spelling_and_one_never_has_two(one: str, other: str) -> None:
    """Threat: the mail for one person goes to another's mailbox, or never arrives."""
    same = mailbox(one) == mailbox(other)
    assert (normalise_email(one) == normalise_email(other)) is same


@pytest.mark.django_db
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(DELIVERABLE, DELIVERABLE)
def test_recovery_by_one_address_never_finds_the_record_of_another(stored: str, typed: str) -> None:
    with transaction.atomic():
        user = make_user(email=stored, person_type="volunteer")
        user.refresh_from_db()
        assert mailbox(user.email) == mailbox(stored)
        reference = recovery.ask(email=typed, date_of_birth=DATE_OF_BIRTH)
        request = RecoveryRequest.objects.get(reference=reference)
        recovery.decide(request_id=request.pk)
        request.refresh_from_db()
        expected = Outcome.MAILED if mailbox(stored) == mailbox(typed) else Outcome.NO_MATCH
        assert request.outcome == expected
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("otto@münchen.example", "otto@xn--mnchen-3ya.example"),
        ("Otto@MÜNCHEN.Example", "otto@xn--mnchen-3ya.example"),
        ("otto@mu\u0308nchen.example", "otto@xn--mnchen-3ya.example"),
        ("otto@XN--Mnchen-3ya.example", "otto@xn--mnchen-3ya.example"),
        ("otto@münchen.example\u200b ", "otto@xn--mnchen-3ya.example"),
        ("x@faß.example", "x@xn--fa-hia.example"),
        ("x@FAẞ.example", "x@xn--fa-hia.example"),
        ("x@βόλος.example", "x@xn--nxasmm1c.example"),
        ("x@пример.рф", "x@xn--e1afmkfd.xn--p1ai"),
        ("x@ｎｈｓ.net", "x@nhs.net"),
        ("x@nhs.net\u200d", "x@nhs.net"),
        ("x@نامه\u200cای.example", "x@xn--mgba3gch31f060k.example"),
        ("x@نامهای.example", "x@xn--mgba3gch31f.example"),
        ('"Jo.Smith"@NHS.net', '"jo.smith"@nhs.net'),
    ],
)
def test_a_domain_is_stored_as_dns_has_it(typed: str, stored: str) -> None:
    """What Chromium sends is stored like what Firefox sends: A-labels or letters, precomposed or not."""
    assert normalise_email(typed) == stored
    assert email_addresses.fault(stored) is None


@pytest.mark.parametrize("typed", ["anna.straße@nhs.net", "ıpek@nhs.net", "jo.ſmith@nhs.net", "\u212aim@nhs.net"])
def test_a_letter_before_the_at_sign_is_never_folded_into_another(typed: str) -> None:
    assert normalise_email(typed) == typed
    assert email_addresses.fault(typed) is Fault.LETTERS


@pytest.mark.parametrize(
    "domain",
    [
        "💩.example",
        "nhs．net",
        "nhs。net",
        "nhs\u2488net",
        "nhs.net℀.example",
        "-ü.example",
        "ab--ü.example",
        "nhs.net.",
        ".nhs.net",
        "nhs..net",
        "ü_x.example",
        "ü" * 64 + ".example",
        "ü" * 20_000 + ".example",
        "\u0308u.example",
        "localhost",
        "[127.0.0.1]",
        "example.xn--",
        "example.1a",
    ],
)
def test_what_is_no_domain_stays_as_typed_and_is_refused(domain: str) -> None:
    """Threat: a letter that becomes a dot or a slash makes a domain of the organisation out of another's."""
    assert normalise_domain(domain) == domain
    assert email_addresses.fault(f"jo@{domain}") in {Fault.DOMAIN, Fault.TOO_LONG, Fault.NO_ADDRESS}


@given(st.text(), st.text(alphabet=".@-\u0308\u200c\u200d\u0600ßü１١ｘ－n" + "xn-", max_size=12))
def test_no_text_breaks_the_spelling_of_addresses(text: str, domain: str) -> None:
    for typed in (text, f"{text}@{domain}", domain):
        spelt = normalise_email(typed)
        assert normalise_email(spelt) == spelt
        email_addresses.fault(spelt)


@pytest.mark.parametrize(
    ("email", "fault"),
    [
        ("a" * 64 + "@nhs.net", None),
        ("a" * 65 + "@nhs.net", Fault.LOCAL_PART_TOO_LONG),
        ("o'brien+esr_{x}~1@nhs.net", None),
        (".jo@nhs.net", Fault.NO_ADDRESS),
        ("jo.@nhs.net", Fault.NO_ADDRESS),
        ("jo..smith@nhs.net", Fault.NO_ADDRESS),
        ('"jo..smith"@nhs.net', None),
        ('"jo@nhs.net"@nhs.net', None),
        (r'"jo\"smith"@nhs.net', None),
        ('"jo"smith"@nhs.net', Fault.NO_ADDRESS),
        ('jo"smith@nhs.net', Fault.NO_ADDRESS),
        ("jo smith@nhs.net", Fault.NO_ADDRESS),
        ("jo,sam@nhs.net", Fault.NO_ADDRESS),
        ("a@b@nhs.net", Fault.NO_ADDRESS),
        ("@nhs.net", Fault.NO_ADDRESS),
        ("søren", Fault.NO_ADDRESS),
        ("jo@" + "b" * 63 + ".example", None),
        ("jo@" + "b" * 64 + ".example", Fault.DOMAIN),
        ("a@" + ".".join(["b" * 60] * 5) + ".uk", Fault.TOO_LONG),
    ],
)
def test_an_address_follows_the_grammar_of_mail(email: str, fault: Fault | None) -> None:
    """RFC 5321, 4.1.2 and 4.5.3.1."""
    assert email_addresses.fault(email) is fault


@pytest.mark.parametrize("email", ["søren@nhs.net", "ıpek@nhs.net", "王@nhs.net", "ß" * 100 + "@nhs.net"])
def test_a_letter_that_mail_does_not_take_is_said_in_the_recovery_form(email: str) -> None:
    form = RecoveryForm(
        {"email": email, "date_of_birth_day": "23", "date_of_birth_month": "4", "date_of_birth_year": "1980"}
    )
    (sentence,) = form.errors["email"]
    assert str(sentence).startswith("Enter the part before the @ in plain letters, a to z, without accents. ")


@pytest.mark.parametrize(
    "email", [".jo@nhs.net", "a" * 65 + "@nhs.net", "jo@[127.0.0.1]", "jo@localhost", "jo@💩.example", "jo@nhs．net"]
)
def test_what_mail_cannot_reach_is_refused_in_the_recovery_form(email: str) -> None:
    form = RecoveryForm(
        {"email": email, "date_of_birth_day": "23", "date_of_birth_month": "4", "date_of_birth_year": "1980"}
    )
    assert list(form.errors["email"]) == ["Enter an email address in the correct format, like name@nhs.net"]


def test_a_domain_that_outgrows_its_column_is_refused_and_not_cut_off() -> None:
    typed = "a@" + ".".join(["ü" + "b" * 45] * 5) + ".example"
    assert len(typed) <= email_addresses.LONGEST < len(normalise_email(typed))
    assert email_addresses.fault(normalise_email(typed)) is Fault.TOO_LONG
    form = RecoveryForm(
        {"email": typed, "date_of_birth_day": "23", "date_of_birth_month": "4", "date_of_birth_year": "1980"}
    )
    assert list(form.errors["email"]) == ["Enter an email address in the correct format, like name@nhs.net"]
