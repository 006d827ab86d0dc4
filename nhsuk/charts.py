"""Bar charts as SVG, drawn on the server: no script, no inline style (the CSP refuses both), nothing loaded.

Colours are those of the text around it (`currentColor`), so that a chart stands in print and in forced colours. It has
a title and a description for a screen reader, and a page shows its numbers in a table beside it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from collections.abc import Sequence

# Units of the drawing; the page scales it to the width that there is.
WIDTH, HEIGHT = 420, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 8, 14, 28
# Of the room that a bar has.
_FILLED = 0.72
# The width of a letter of a name below, at most, and of the room between two names.
_LETTER, _BETWEEN = 7.5, 6


def bars(*, values: Sequence[int], names: Sequence[str], title: str, description: str, name: str) -> SafeString:
    """Return a chart with a bar for each of `values`, of which as many are named below as there is room for.

    `name` is a word that no other chart of the page has: ids are made of it. Raises ValueError where there are not as
    many names as values.
    """
    top = scale(max(values, default=0))
    step = (WIDTH - _LEFT - _RIGHT) / max(len(values), 1)
    longest = max((len(each) for each in names), default=0) * _LETTER + _BETWEEN
    every = math.ceil(longest / step)
    drawn = [
        (
            _shown(_LEFT + n * step + step * (1 - _FILLED) / 2),
            _shown(_at(value, top)),
            _shown(step * _FILLED),
            _shown(HEIGHT - _BOTTOM - _at(value, top)),
        )
        for n, value in enumerate(values)
    ]
    below = [
        (_shown(_LEFT + n * step + step / 2), HEIGHT - 8, each)
        for n, (each, _) in enumerate(zip(names, values, strict=True))
        if n % every == 0
    ]
    return format_html(
        '<svg class="chart" viewBox="0 0 {w} {h}" role="img" aria-labelledby="chart-{id}-title chart-{id}-text" '
        'focusable="false"><title id="chart-{id}-title">{title}</title><desc id="chart-{id}-text">{text}</desc>'
        '{lines}<g class="chart__bars" fill="currentColor">{bars}</g>'
        '<g fill="currentColor" font-size="14" text-anchor="middle">{below}</g></svg>',
        w=WIDTH,
        h=HEIGHT,
        id=name,
        title=title,
        text=description,
        lines=_lines(top),
        bars=format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}"/>', drawn),
        below=format_html_join("", '<text x="{}" y="{}">{}</text>', below),
    )


def scale(most: int) -> int:
    """Return the number at the top of a chart: the next of 2, 4, 6, 8, 10, 20, 40 …, of which half is whole too."""
    if most <= 2:
        return 2
    power = int("1" + "0" * (len(str(most)) - 1))
    return next(power * factor for factor in (1, 2, 4, 6, 8, 10) if power * factor >= most)


def _lines(top: int) -> SafeString:
    """Return the lines at nothing, half and all of the scale, with their numbers at the left."""
    rows = [
        (
            _LEFT,
            WIDTH - _RIGHT,
            y := _shown(_at(number, top)),
            y,
            _LEFT - 8,
            _shown(_at(number, top) + 4),
            f"{number:,}",
        )
        for number in (0, top // 2, top)
    ]
    return format_html_join(
        "",
        '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="currentColor" stroke-opacity="0.25"/>'
        '<text x="{}" y="{}" font-size="14" text-anchor="end" fill="currentColor">{}</text>',
        rows,
    )


def _at(value: int, top: int) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / top


def _shown(number: float) -> str:
    return f"{number:.1f}"
