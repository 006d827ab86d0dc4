"""Every sentence in Python that a person can read goes through Django's translation functions, whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db import models
from django.utils.functional import Promise

from tests.support.words_in_python import outside_of_translation

ROOT = Path(__file__).resolve().parent.parent.parent
# What is looked at: folders, and of the wiring the files that say something on a page.
LOOKED_AT = [
    *("accounts", "people", "care_identity", "hub", "nhsuk", "common_passwords", "helpdesk", "demo"),
    *("esr_portal/apps.py", "esr_portal/context.py", "esr_portal/middleware.py"),
]
# What speaks to operators, at the command line, at the start and in the log, speaks English (decision 35).
TO_OPERATORS = {
    *("accounts/checks.py", "accounts/clocks.py", "accounts/tidying.py", "hub/services/readiness.py"),
    # What `manage.py verify_events` finds.
    "accounts/services/verifying_events.py",
    # Why a mail of `manage.py sendtestemail` did not go.
    "accounts/mail_trouble.py",
    # What Prometheus is told of each figure.
    *("accounts/figures.py", "accounts/services/standing_figures.py"),
    # At which step a mailbox fails, for the log.
    "accounts/imap.py",
    *(
        "people/tidying.py",
        "helpdesk/tidying.py",
        "care_identity/checks.py",
        "care_identity/tidying.py",
        "care_identity/services/client_keys.py",
    ),
    # What `manage.py doctor` says, and its page for operators.
    *(str(path.relative_to(ROOT)) for path in (ROOT / "helpdesk" / "doctor").rglob("*.py")),
    *(f"accounts/models/{name}.py" for name in ("check_up", "last_run")),
    # The start of the demo, and what it refuses to run on.
    *(f"demo/{name}.py" for name in ("checks", "hosts", "middleware", "ownership", "parts", "welcome")),
    *(f"demo/care_identity/{name}.py" for name in ("__main__", "settings", "clients", "certificates")),
    # The switch that makes the stand-in misbehave: for testers, in the words of the protocol.
    *("demo/care_identity/misbehaviour.py", "demo/care_identity/misbehaviours/endpoints.py"),
    # Made-up facts that are kept in the database: places, notices, what an application is for.
    "demo/seed.py",
    # Places and common words in both languages, with which a search compares what is typed.
    "hub/welsh_words.py",
    # Names of tables and fields, and the words of docs/data.md; what the file for a person calls them is translated.
    *(f"accounts/personal_data/{name}.py" for name in ("kinds", "ours", "others")),
    # What stands in English on pages in Welsh, too.
    "accounts/english_in_welsh.py",
    # What `manage.py add_organisation` explains.
    "people/organisation_facts.py",
    # The files of passwords that an operator names or builds.
    *(f"common_passwords/{name}.py" for name in ("filters", "filter_sources", "leaked", "lists", "packaged")),
}
# What begins so is nothing that a person reads on a page or in a mail, or is no English.
NOT_READ = {
    # To a database.
    *(
        "encode(substring(sha256",
        "(instr(",
        "accounts_outboxmessage.about LIKE",
        "SELECT …, COALESCE(has",
        " UNION ALL ",
    ),
    *("UPDATE …", "COPY …", "LOCK TABLE …", "SELECT nextval(", "\nINSERT INTO", "INSERT INTO", "' ' || …", "from"),
    *("SELECT pg_", "SELECT seq", "SELECT setval", "DELETE FROM sqlite", "\nSELECT DISTINCT", "\nWITH RECURSIVE"),
    "AND organisation =",
    # Headers, and what goes between programs.
    *("username webauthn", "text/csv;", "application/json;", "%Y-%m-%d", "text/plain;", "public, max-age", "camera=()"),
    *("Preferred-Languages:", "not ready:", "at work", "not at work:"),
    *(
        "attachment; filename",
        "default-src 'none'",
        "250 Message accepted",
        "stand_in",
        "nonce is missing",
        "PKCE with",
        "max_age",
    ),
    # The log, and the parts of a worker.
    "checking up",
    *("not asked for", "too many requests", "form without its token"),
    # What a digest or a sealed secret is made of.
    *("recovery code …", "second step ", "seals of security events …", "name of seals"),
    # A mistake in the code.
    "The outbox keeps primary keys",
    # Kept in the database: a translation would be that of the person who was there first.
    *("Not sent: ", "Authenticator app", "Recovery codes"),
    *("Your payslip for this month", "ESR will not be available on", "Riverside Hospitals", "Moorland Community"),
    *("Northshore Ambulance", "See who is on the road", "Penhafan Health Board", "Bwrdd Iechyd Penhafan"),
    *("Rota waith", "Gweld eich shifftiau", "Trefnu eich", "Write in English", "Ysgrifennwch yn Gymraeg"),
    *("See your shifts", "Claim travel", "Book and complete", "Your home visits"),
    # A code of why something was refused.
    "not requested",
    # What secrets are sealed for, and people are drawn by.
    *("recovery code …", "second step …"),
    # What passwords are compared with, and how Unicode calls its letters.
    *("Electronic Staff Record", "ESR Portal", "CJK UNIFIED", "HANGUL SYLLABLE", "MODIFIER LETTER", "\n    ab al b ba"),
    # Names of products.
    *("Samsung Internet", "Internet Explorer", "UC Browser"),
    *("iCloud Keychain", "Google Password Manager", "Windows Hello", "Microsoft Password Manager", "Samsung Pass"),
    *("Chrome on Mac", "Edge on Mac", "Proton Pass", "Security Key by Yubico"),
}


def modules() -> Iterator[Path]:
    for place in LOOKED_AT:
        path = ROOT / place
        yield from [path] if path.is_file() else path.rglob("*.py")


def test_every_sentence_in_python_can_be_translated() -> None:
    left_out = [ROOT / path for path in TO_OPERATORS]
    assert all(path.is_file() for path in left_out)
    unused, found = set(NOT_READ), []
    for path in sorted(modules()):
        if path in left_out or {"migrations", "commands"} & set(path.parts):
            continue
        for line, what, words in outside_of_translation(path.read_text(encoding="utf-8")):
            known = {beginning for beginning in NOT_READ if words.startswith(beginning)}
            unused -= known
            if not known:
                found.append(f"{path.relative_to(ROOT)}:{line}: {words!r} {what}")
    assert not found, "\n".join(found)
    assert not unused, f"No more needed in NOT_READ: {unused}"


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_what_the_admin_calls_a_model_and_its_fields_can_be_translated(model: type[models.Model]) -> None:
    page = admin.site._registry[model]
    on_form = flatten_fieldsets(page.fieldsets) if page.fieldsets else page.fields
    shown = {*map(str, page.list_display), *map(str, on_form or ())}
    for each in (model, *(inline.model for inline in page.inlines)):
        assert isinstance(each._meta.verbose_name, Promise), f"accounts/field_names.py: {each.__name__}"
        assert isinstance(each._meta.verbose_name_plural, Promise), f"accounts/field_names.py: {each.__name__}"
        for field in each._meta.concrete_fields:
            if field.name in shown or (field.editable and not field.auto_created and not on_form):
                assert isinstance(field.verbose_name, Promise), f"accounts/field_names.py: {each.__name__}.{field.name}"


@pytest.mark.parametrize(
    "source",
    [
        'x = forms.CharField(label="Username")',
        'x = forms.CharField(help_text="For example, 999JSMITH01")',
        'x = forms.CharField(error_messages={"required": "Missing"})',
        'x = models.BooleanField("active", default=True)',
        'class A:\n    class Meta:\n        verbose_name = "person"',
        'class Kind(models.TextChoices):\n    STAFF = "staff", "Staff"',
        'x = forms.ChoiceField(choices=[("yes", "Yes")])',
        'raise ValidationError("Wrong")',
        'form.add_error(None, "Wrong")',
        'messages.success(request, "Done")',
        'def name_problem():\n    return "wrong" if x else ""',
        'x = {"name": "your name"}',
        'x = f"You have {n} tries"',
        'x = "Missing."',
        'raise Refused("You may not do this")',
        '_ = f("the same words")',
    ],
)
def test_words_outside_of_a_translation_function_are_found(source: str) -> None:
    (found,) = outside_of_translation(source)
    assert found.what == "is not translated"


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ('x = _(f"You have {n} tries")', "an f-string"),
        ('x = _("You have %s tries") % n', "a place without a name"),
        ('x = _("Try again ") + when', "a blank"),
        ("from django.utils.translation import gettext as _\nx = _('Log in')", "at import"),
        ("from django.utils.translation import gettext\nclass A:\n    x = gettext('Log in')", "at import"),
    ],
)
def test_what_a_catalogue_cannot_have_is_found(source: str, what: str) -> None:
    (found,) = outside_of_translation(source)
    assert what in found.what


@pytest.mark.parametrize(
    "source",
    [
        'x = _("You have %(number)s tries") % {"number": n}',
        'x = ngettext("%(number)s day", "%(number)s days", n)',
        '"""What this module is for."""',
        'raise ValueError("The words of a search follow from names")',
        'logger.warning("mail could not be sent")',
        'x = cast("dict[str, Any]", y)',
        'x = {"class": "nhsuk-input--width-10 nhsuk-input--code"}',
        "from django.utils.translation import gettext as _\ndef f():\n    return _('Log in')",
        'x = "log_in"',
    ],
)
def test_what_is_translated_or_not_read_is_left_alone(source: str) -> None:
    assert not outside_of_translation(source)
