"""What the lists and the filter hold in each process of the portal."""

from __future__ import annotations

import sys
from pathlib import Path

from bench import layout
from common_passwords import leaked
from common_passwords.lists import lists

ROOT = Path(__file__).resolve().parents[2]
MOST = 30 * 1024**2


def test_lists_and_filter_hold_less_than_30_mib() -> None:
    known = lists()
    words = {id(word): sys.getsizeof(word) for held in (known.as_listed, known.bare, known.whole) for word in held}
    tables = sum(map(sys.getsizeof, (known.as_listed, known.bare, known.whole)))
    ends = sum(sys.getsizeof(known._ends) for known in leaked.filters())
    assert 5 * 1024**2 < sum(words.values()) + tables + ends < MOST


def test_zxcvbn_is_not_imported_whose_second_copy_of_its_lists_would_stay() -> None:
    for path in layout.tracked(ROOT, "*.py"):
        if path.relative_to(ROOT).parts[0] not in {"bench", "tests"}:
            assert not [module for module in layout.imports(path) if module.split(".")[0] == "zxcvbn"], path
