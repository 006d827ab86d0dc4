"""What a form is about: a digest that the server compares with what the session holds."""

from __future__ import annotations

import uuid

import pytest

from accounts.browser import about
from accounts.models import User


def test_each_thing_has_a_digest_of_its_own_also_where_the_numbers_are_the_same() -> None:
    same = "1"
    digests = {about.person(User(pk=1)), about.log_in(same), about.choice(same), about.link(same)}
    assert len(digests) == 4
    assert all(len(digest) == 64 for digest in digests)


def test_the_same_thing_has_the_same_digest() -> None:
    link_id = uuid.uuid4()
    assert about.link(link_id) == about.link(str(link_id))
    assert about.person(User(pk=1)) != about.person(User(pk=11))


@pytest.mark.parametrize("sent", ["", "x", "\0", "\ud800", "é" * 64, "x" * 1_000_000])
def test_whatever_is_sent_instead_is_not_the_same_and_no_failure(sent: str) -> None:
    assert not about.is_same(sent, about.log_in("1"))
