"""Each page that a test is answered from a shell is compared with what Django renders itself, byte for byte."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING, Any

import pytest
from django import shortcuts
from django.core.signals import setting_changed

from nhsuk import shells

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.http import HttpRequest

FROM_SHELL = shells._from_shell
# What is another each time that a page is rendered.
_NEW_EACH_TIME = re.compile(rb'name="page-[0-9a-f]{16}"|name="csrfmiddlewaretoken" value="[A-Za-z0-9]{64}"')


def alike(page: bytes) -> bytes:
    """Return a page without what is another each time."""
    return _NEW_EACH_TIME.sub(b"", page)


def compared(
    request: HttpRequest, template: str, context: Mapping[str, Any], words: tuple[str, ...], varies_by: tuple[str, ...]
) -> shells.Page | None:
    """Return the page from its shell, as the portal does, after it was compared.

    Rendered twice where that is needed: a second may begin between the two.
    """
    for is_last in (False, True):
        # First, so that Django's test client keeps the context of this.
        rendered = shortcuts.render(request, template, dict(context)).content
        page = FROM_SHELL(request, template, context, words, varies_by)
        if page is None:
            return None
        if alike(page.content) == alike(rendered):
            assert gzip.decompress(page.compressed()) == page.content
            return page
        assert not is_last, f"{template}: {alike(page.content).decode()!r} is {alike(rendered).decode()!r}"
    raise AssertionError


@pytest.fixture(scope="session", autouse=True)
def shells_are_as_rendered() -> Iterator[None]:
    """Compare each page that comes from a shell with what Django renders. Forget them where a setting changes."""

    def forget(**_: object) -> None:
        shells.forget()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shells, "_from_shell", compared)
        setting_changed.connect(forget)
        yield
        setting_changed.disconnect(forget)
