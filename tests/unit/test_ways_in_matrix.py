"""Every way in × every state of the account, as tests/support/matrix.py has it.

Threat: of the many pairs of a way and a state, one that no journey comes by lets in a person who is to be kept out.
"""

from __future__ import annotations

import pytest

from tests.support import matrix, ways_in
from tests.support.factories import make_user
from tests.support.matrix import Result
from tests.support.steps import PortalClient


def test_the_document_has_the_table_of_today() -> None:
    document = matrix.DOCUMENT.read_text(encoding="utf-8")
    assert matrix.with_table(document) == document, "python -m tests.support.matrix"
    assert matrix.as_markdown() in document


def test_every_way_and_every_state_is_tried() -> None:
    assert tuple(ways_in.WAYS) == matrix.WAYS
    assert tuple(ways_in.STATES) == matrix.STATES


@pytest.mark.django_db
@pytest.mark.one_database
@pytest.mark.parametrize(("state", "way", "result"), matrix.cells())
def test_what_comes_of_a_way_in(client: PortalClient, state: str, way: str, result: Result) -> None:
    user = make_user()
    comes = ways_in.WAYS[way]()
    comes.prepare(client, user)
    ways_in.STATES[state](client, user)
    assert comes.come(client, user) is result
    assert (client.get("/my-esr/").status_code == 200) is (result is Result.IN)
