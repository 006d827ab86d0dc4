"""By how much the figures of this process grow in a test: they count on from test to test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from accounts import figures

if TYPE_CHECKING:
    from prometheus_client.samples import Sample

Grown = Callable[..., float]


def watch() -> Grown:
    """Return a function that says by how much a series has grown since."""
    before = _values()

    def by(name: str, **labels: str) -> float:
        key = (name, *sorted(labels.items()))
        return _values().get(key, 0) - before.get(key, 0)

    return by


def samples() -> Iterator[Sample]:
    """Yield every series of this process, as it is now."""
    for family in figures.REGISTRY.collect():
        yield from family.samples


def _values() -> Mapping[tuple[object, ...], float]:
    return {(sample.name, *sorted(sample.labels.items())): sample.value for sample in samples()}
