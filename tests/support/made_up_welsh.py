"""Welsh for tests of languages: made up, each message in «…», so that they ask for no translation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.template import engines
from django.test import override_settings

from accounts import try_again
from accounts.languages import WELSH
from hub.views import errors
from nhsuk import form_rendering, shells
from tests.support.made_up_language import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

ASKS_FOR_WELSH = {"Accept-Language": "cy"}
TO_WELSH = "/language/cy/"
# A link on a page of ours.
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def welsh() -> Iterator[None]:
    """Let the portal's Welsh be the made-up one, and keep nothing of it afterwards."""
    with override_settings(LOCALE_PATHS=[catalogue(WELSH), *settings.LOCALE_PATHS]):
        _forget_pages()
        yield
    _forget_pages()


def _forget_pages() -> None:
    """Forget what pages and pieces of them a process keeps, as it has none when it starts."""
    shells.forget()
    form_rendering._rendered.clear()
    try_again._body.cache_clear()
    errors._too_many_requests.cache_clear()
    for loader in engines["django"].engine.template_loaders:  # type: ignore[attr-defined]
        loader.reset()
