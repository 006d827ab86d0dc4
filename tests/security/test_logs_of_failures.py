"""Threat: something fails, and the log holds what failed: a person's row, what they typed, or a link that still works.

PostgreSQL repeats the whole row in the text of an error, date of birth and all; Django's lines name the address asked.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, OperationalError, transaction

from accounts import urls
from accounts.models import User
from esr_portal.logs import JSONFormatter
from tests.support.factories import make_user
from tests.support.links import link_token
from tests.support.steps import PortalClient

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return what is logged while the test runs, as production writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JSONFormatter())
    loggers = [logging.getLogger(name) for name in ("django", "esr_portal")]
    for logger in loggers:
        logger.addHandler(handler)
    yield stream
    for logger in loggers:
        logger.removeHandler(handler)


def logged(error: type[Exception], *arguments: object) -> str:
    """Return the line of an exception of this kind."""
    try:
        raise error(*arguments)
    except error:
        record = logging.LogRecord("esr_portal.errors", logging.ERROR, __file__, 1, "it failed", None, None)
        record.exc_info = sys.exc_info()
    return JSONFormatter().format(record)


def test_a_refused_row_is_not_in_the_log(log: io.StringIO) -> None:
    user = make_user(given_name="Philippa", family_name="Featherstone")
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        User.objects.filter(pk=user.pk).update(employee_number="12")
    logging.getLogger("esr_portal.errors").error("it failed", exc_info=refused.value)
    for secret in ("Philippa", "Featherstone", user.email, user.username, str(user.date_of_birth.year), "argon2"):
        assert secret not in log.getvalue()
    line = json.loads(log.getvalue())
    # The operator needs what failed and where, to mend it.
    assert "IntegrityError" in line["exception"]
    assert "employee_number_is_eight_digits" in line["exception"]
    assert "test_a_refused_row_is_not_in_the_log" in line["exception"]


@pytest.mark.parametrize("error", [ValueError, KeyError, DataError, ValidationError, LookupError])
def test_the_text_of_errors_that_quote_what_was_typed_is_left_out(error: type[Exception]) -> None:
    line = logged(error, "invalid literal: 'violet harbour'")
    assert error.__name__ in line
    assert "violet" not in line


def test_a_letter_that_could_not_be_written_is_left_out() -> None:
    line = logged(UnicodeEncodeError, "utf-8", "violet\ud800", 6, 7, "surrogates not allowed")
    assert "UnicodeEncodeError" in line
    assert "violet" not in line


def test_why_the_database_is_away_stays_in_the_log() -> None:
    assert "connection refused" in logged(OperationalError, "connection refused\nDETAIL: secret")
    assert "secret" not in logged(OperationalError, "connection refused\nDETAIL: secret")


def test_what_led_to_an_error_is_named_without_its_text() -> None:
    """Both the cause (`raise … from`) and the context, the error that was being handled."""

    def fail() -> None:
        try:
            int("violet")
        except ValueError:
            try:
                {}["harbour"]  # type: ignore[index]
            except KeyError as error:
                raise RuntimeError("the disk is full") from error

    with pytest.raises(RuntimeError) as failed:
        fail()
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "it failed", None, None)
    record.exc_info = (RuntimeError, failed.value, failed.tb)
    line = json.loads(JSONFormatter().format(record))["exception"]
    places = [line.index(kind) for kind in ("ValueError\n", "KeyError\n", "RuntimeError: the disk is full")]
    assert places == sorted(places)
    assert "KeyError: " not in line
    assert "ValueError: " not in line


@pytest.mark.parametrize("address", ["/recovery/link/{}/", "/recovery/links/{}/", "/RECOVERY/LINK/{}", "/{}"])
def test_a_link_that_works_is_not_in_the_log(client: PortalClient, log: io.StringIO, address: str) -> None:
    """Threat: a reader of the log opens a link, whose address failed or was mangled, before its person does."""
    token = link_token(make_user())
    for method in (client.get, client.post, client.put):
        method(address.format(token))
    assert log.getvalue()
    assert token not in log.getvalue()


def link_paths() -> set[str]:
    """Return what stands before the token in the address of each mailed link, as urls.py has them."""
    patterns = (str(each.pattern) for each in urls.urlpatterns)
    return {pattern.partition("<path:token>")[0] for pattern in patterns if "<path:token>" in pattern}


@pytest.mark.parametrize("path", sorted(link_paths()))
@pytest.mark.parametrize("between", ["%20", "=%0D%0A", "%E2%80%8B", "encoded"])
def test_nor_is_one_that_a_mail_program_has_parted_or_encoded(
    client: PortalClient, log: io.StringIO, between: str, path: str
) -> None:
    token = link_token(make_user())
    encoded = "".join(f"%25{ord(character):02X}" for character in token)
    mangled = encoded if between == "encoded" else f"{token[:20]}{between}{token[20:]}"
    client.generic("PUT", f"/{path}{mangled}/")
    assert f"/{path}" in log.getvalue()
    for secret in (token[20:], encoded.replace("%25", "%")):
        assert secret not in log.getvalue()
