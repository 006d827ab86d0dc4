"""What of a Welsh page is in English says so (WCAG 2.2, 3.1.2)."""

from __future__ import annotations

import re

import pytest
from django.template import engines
from django.utils import translation

from nhsuk.languages_of_parts import marked

LABEL = "(Login to ESR)"
SAID = f'<span lang="en">{LABEL}</span>'


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (f"Porth {LABEL}", f"Porth {SAID}"),
        (f"<h1>Porth {LABEL}</h1>", f"<h1>Porth {SAID}</h1>"),
        (f"<p>{LABEL}, <b>{LABEL}</b> {LABEL}</p>", f"<p>{SAID}, <b>{SAID}</b> {SAID}</p>"),
        (f"<title>Porth {LABEL}</title><p>{LABEL}", f"<title>Porth {LABEL}</title><p>{SAID}"),
        (f'<a title="Porth {LABEL}" href="/">x</a>', f'<a title="Porth {LABEL}" href="/">x</a>'),
        (f"<select><option>{LABEL}</option></select>", f"<select><option>{LABEL}</option></select>"),
        (f"<textarea>\n{LABEL}</textarea>{LABEL}", f"<textarea>\n{LABEL}</textarea>{SAID}"),
        (f"<script>{LABEL}</script>", f"<script>{LABEL}</script>"),
        (f"1 &lt; 2 {LABEL}", f"1 &lt; 2 {SAID}"),
        (SAID, SAID),
        ("(Login to the ESR)", "(Login to the ESR)"),
        ("", ""),
    ],
)
def test_what_is_read_is_marked_once_and_what_is_text_alone_is_not(page: str, expected: str) -> None:
    assert marked(page, re.compile(re.escape(LABEL))) == expected


@pytest.mark.parametrize(
    ("template", "language", "expected"),
    [
        ("mail/welcome.html", "cy", True),
        ("mail/welcome.txt", "cy", False),
        ("mail/welcome.html", "en-gb", False),
    ],
)
def test_pages_in_welsh_are_marked_alone(template: str, language: str, expected: bool) -> None:
    with translation.override(language):
        assert (SAID in engines["django"].get_template(template).render({})) == expected
