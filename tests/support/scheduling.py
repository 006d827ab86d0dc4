"""Which tests a process of pytest-xdist runs one after the other, and which groups come first.

xdist's own `--dist loadgroup` reads the marker `xdist_group` out of the names of the tests, where pytest 9 no longer
lets it write it: every test would be a group of its own, and each process would start what the tests of a file share.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest

# Files that share a stand-in Care Identity in a process of its own: see `running_care_identity`.
AT_THE_STAND_IN = {
    "tests/security/test_care_identity_hostile_answers.py",
    "tests/site/test_stand_in.py",
    "tests/site/test_stand_in_cards.py",
}
# Files that share a demo in processes of its own, or what it has made: see `demo`.
AT_THE_DEMO = {
    "tests/security/test_demo_and_production.py",
    "tests/site/test_demo.py",
    "tests/site/test_run.py",
}

# Files that read one mail of each kind: see `every_mail` in tests/unit/conftest.py.
ABOUT_EVERY_MAIL = {"tests/unit/test_mail_form.py", "tests/unit/test_mail_on_the_wire.py"}

# Files that share a production set-up in processes of its own: see tests/attacks/conftest.py. No other group takes as
# long, and much of that is waiting.
AT_THE_RIG = "tests/attacks/"
THE_RIG = "the rig"

# The last test of this one ends the demo.
ENDS_THE_DEMO = "tests/site/test_run.py"

# Few tests that take long.
LONG = {"tests/unit/test_common_passwords_measure.py"}


def group_of(test: str) -> str:
    """Return the group that a test is in, by its name in pytest: its file, or what several files share."""
    file = test.split("::", 1)[0]
    if file.startswith(AT_THE_RIG):
        return THE_RIG
    shared = {"the stand-in": AT_THE_STAND_IN, "the demo": AT_THE_DEMO, "every mail": ABOUT_EVERY_MAIL}
    return next((name for name, files in shared.items() if file in files), file)


def longest_first(tests: list[pytest.Item]) -> None:
    """Put attacks first, then journeys, what takes long, the largest groups: no process is left waiting at the end.

    The tests of a group stay in their order, but for those after which nothing of what they share is left.
    """
    sizes = Counter(group_of(test.nodeid) for test in tests)
    slow: dict[str, bool] = {}
    for test in tests:
        group = group_of(test.nodeid)
        takes_long = group in LONG or test.get_closest_marker("own_processes") is not None
        slow[group] = slow.get(group, False) or takes_long

    def rank(test: pytest.Item) -> tuple[bool, bool, bool, int, str, bool]:
        group, is_last = group_of(test.nodeid), test.nodeid.startswith(ENDS_THE_DEMO)
        is_no_journey = test.get_closest_marker("journey") is None
        return group != THE_RIG, is_no_journey, not slow[group], -sizes[group], group, is_last

    tests.sort(key=rank)


class Scheduling(LoadScopeScheduling):
    """Hands whole groups to the processes, in the order of the tests."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
