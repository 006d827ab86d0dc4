"""What the log says of a mail that failed: enough to mend it, and nothing of the person."""

from __future__ import annotations

import re

import pytest

from accounts.identifiers import normalise_username
from accounts.services import mail_server


def test_an_error_of_our_own_names_the_place_in_our_code_and_not_what_it_was_about() -> None:
    with pytest.raises(TypeError) as failed:
        normalise_username(20260426)  # type: ignore[arg-type]
    assert re.fullmatch(r"TypeError at identifiers\.\w+:\d+", mail_server.describe(failed.value))


def test_an_error_elsewhere_is_named_alone() -> None:
    with pytest.raises(ZeroDivisionError) as failed:
        divmod(1, 0)
    assert mail_server.describe(failed.value) == "ZeroDivisionError"
