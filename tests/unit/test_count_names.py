"""What the overview counts has words: a cause that a lead would look for is not "for another reason"."""

from __future__ import annotations

import ast
import inspect
import textwrap

from accounts.services import lockout, log_in
from helpdesk import count_names


def told(function: object) -> set[str]:
    """Return the texts that a function returns."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))  # type: ignore[arg-type]
    returned = [node for node in ast.walk(tree) if isinstance(node, ast.Return)]
    return {
        node.value
        for each in returned
        for node in ast.walk(each)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_each_reason_of_a_log_in_that_failed_has_words_of_its_own() -> None:
    reasons = {"locked", lockout.USED_UP}
    for function in (log_in._reason, log_in._reason_of_a_right_one, log_in._reason_of_a_wrong_one):
        found = told(function)
        assert found
        reasons |= found
    words = {reason: count_names.in_words(f"log_in_failed/{reason}") for reason in reasons}
    assert count_names.in_words("log_in_failed/never heard of") not in words.values()
    assert len(set(words.values())) == len(words)
