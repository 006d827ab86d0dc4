"""Bar charts, drawn on the server."""

from __future__ import annotations

import itertools

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from nhsuk import charts


def drawn(values: list[int], *, names: list[str] | None = None, title: str = "Log-ins") -> BeautifulSoup:
    markup = charts.bars(
        values=values,
        names=names or [f"{n % 30 + 1:02} Nov" for n in range(len(values))],
        title=title,
        description="All.",
        name="x",
    )
    return BeautifulSoup(markup, "html.parser")


def test_each_value_is_a_bar_as_high_as_it_is_and_the_scale_is_said() -> None:
    page = drawn([0, 50, 100])
    heights = [float(str(bar["height"])) for bar in page.select("rect")]
    assert heights == [0, 69, 138]
    assert [text.get_text() for text in page.select('text[text-anchor="end"]')] == ["0", "50", "100"]


def test_it_has_a_title_and_a_description_and_no_style_of_its_own() -> None:
    """The content security policy of each page refuses inline styles and scripts."""
    page = drawn([1], title="<b>&</b>")
    svg = page.svg
    assert svg is not None
    assert svg["role"] == "img"
    labels = [page.find(id=key) for key in str(svg["aria-labelledby"]).split()]
    assert [label.get_text() if label else None for label in labels] == ["<b>&</b>", "All."]
    assert not page.select("[style], script, style")


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=60))
def test_no_bar_leaves_the_chart_and_no_two_are_over_each_other(values: list[int]) -> None:
    bars = [
        {name: float(str(bar[name])) for name in ("x", "y", "width", "height")} for bar in drawn(values).select("rect")
    ]
    assert len(bars) == len(values)
    for bar in bars:
        assert bar["x"] >= 0
        assert bar["x"] + bar["width"] <= charts.WIDTH
        assert 0 <= bar["y"] <= bar["y"] + bar["height"] <= charts.HEIGHT
    for one, other in itertools.pairwise(bars):
        assert one["x"] + one["width"] <= other["x"] + 0.1


@given(st.integers(0, 10**9))
def test_the_scale_is_no_less_than_the_most_and_a_half_of_it_is_whole(most: int) -> None:
    top = charts.scale(most)
    assert top >= most
    assert top % 2 == 0
    assert top <= max(2, 2.1 * most)


def test_few_enough_of_the_names_stand_below_to_be_read() -> None:
    page = drawn([1] * 30)
    assert len(page.select('g[text-anchor="middle"] text')) == 6


def test_a_name_for_each_value_is_needed() -> None:
    with pytest.raises(ValueError, match="zip"):
        charts.bars(values=[1, 2], names=["a"], title="x", description="x", name="x")
