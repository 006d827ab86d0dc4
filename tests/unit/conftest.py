"""What unit tests can ask for besides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from accounts.models.outbox import Kind
from accounts.services import outbox
from tests.support.smtp import Inbox, Mail


@pytest.fixture
def send(deliver_mail: Callable[[], None], inbox: Inbox) -> Callable[..., Mail]:
    """Return a function that sends one mail to people and returns it as it arrived."""

    def send_to(kind: Kind, *users: User, **about: Any) -> Mail:
        inbox.clear()
        outbox.add(kind=kind, about={"users": [user.pk for user in users], **about})
        deliver_mail()
        return inbox.only()

    return send_to
