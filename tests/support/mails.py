"""Mails as their readers take them: the link in one, and what a link holds."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from django.utils import timezone

from accounts.models import FormerEmail
from accounts.models.outbox import Kind
from tests.support.factories import make_user
from tests.support.smtp import Mail


def token_in(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def link_in(mail: Mail) -> str:
    """Return the one link in a mail that sets a password."""
    links = [link for link in mail.links if "/recovery/link/" in link]
    assert len(links) == 1, links
    return links[0]


def every_mail(send: Callable[..., Mail]) -> list[Mail]:
    """Return one mail of each kind and of each state of an account."""
    long_ago, some_day = datetime.date(2020, 1, 1), datetime.date(2040, 1, 1)
    jo = make_user(password=None)
    former = FormerEmail.objects.create(user=jo, email="former@nhs.net")
    return [
        send(Kind.RECOVERY, jo),
        send(Kind.RECOVERY, jo, by_helpdesk=True),
        send(Kind.RECOVERY, make_user(care_identity_only=True)),
        send(Kind.RECOVERY, make_user(ends_on=long_ago)),
        send(Kind.RECOVERY, make_user(starts_on=some_day)),
        send(Kind.RECOVERY, make_user(is_active=False)),
        send(Kind.RECOVERY, *(make_user(email="both@nhs.net", given_name=name) for name in ("Jo", "Sam"))),
        send(Kind.DATE_OF_BIRTH_DIFFERS, jo),
        send(Kind.PASSWORD_CHANGED, jo),
        send(Kind.EMAIL_CHANGED, jo, former_email=former.pk),
        send(Kind.EMAIL_CHANGED, jo),
        send(Kind.CARE_IDENTITY_CHANGED, jo, linked=True),
        send(Kind.CARE_IDENTITY_CHANGED, jo, linked=False),
        send(Kind.INTERNET_ACCESS_GRANTED, jo),
        send(Kind.INTERNET_ACCESS_GRANTED, jo, by_helpdesk=True),
        send(Kind.INTERNET_ACCESS_WITHDRAWN, jo),
        send(Kind.RECOVERY, make_user(internet_access_withdrawn_at=timezone.now())),
    ]
