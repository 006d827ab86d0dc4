"""What the doctor cannot see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpdesk.doctor.findings import advice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpdesk.doctor.findings import Finding


def check() -> Iterator[Finding]:
    """Yield that back-ups cannot be seen from here: silence would be taken for "they are there"."""
    yield advice(
        "Back-ups cannot be seen from here.",
        "Look each month when the newest was made, and restore one as docs/operations.md says.",
    )
