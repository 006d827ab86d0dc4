"""How long the auditor's page takes among many people: `python -m bench.second_steps 200000`.

Half of the people have an app, a quarter a passkey, a fifth a Care Identity, some are excused. Once with a setting that
holds for all, which most organisations have, and once with one that holds for half, for which each person is looked at.
"""

from __future__ import annotations

import datetime
import sys
import time

from bench import portal, search

TIMES = 5


def main() -> None:
    """Make people in a database of our own, and print how long it takes to count them."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else search.PEOPLE
    with portal.database():
        from accounts.models import Organisation

        search.make(count)
        _give_ways()
        _execute("UPDATE accounts_organisation SET second_step = 'required'", "VACUUM ANALYZE")
        print(f"{count:,} people at {search.ORGANISATIONS} organisations, least of {TIMES}")
        for share in (100, 50):
            Organisation.objects.update(second_step_share=share)
            print(f"  a setting for {share} of 100 people: {_measure():.0f} ms")


def _give_ways() -> None:
    from django.utils import timezone
    from django_otp_webauthn.models import WebAuthnCredential as Passkey

    from accounts.models import Authenticator, CareIdentity, RecoveryCodes, SecondStepExcuse, User

    keys = list(User.objects.order_by("pk").values_list("pk", flat=True))
    soon = timezone.localdate() + datetime.timedelta(days=30)
    rows = (
        (Authenticator(user_id=key, name="app", key="00") for key in keys[::2]),
        (
            Passkey(user_id=key, credential_id=b"x", credential_id_sha256=f"{key:064}", public_key=b"x")
            for key in keys[::4]
        ),
        (RecoveryCodes(user_id=key, name="codes", sealed=["x"]) for key in keys[::3]),
        (CareIdentity(user_id=key, uid=f"{key:012}") for key in keys[::5]),
        (SecondStepExcuse(user_id=key, reason="No phone.", review_on=soon) for key in keys[1::200]),
    )
    for model, several in zip(
        (Authenticator, Passkey, RecoveryCodes, CareIdentity, SecondStepExcuse), rows, strict=True
    ):
        model._default_manager.bulk_create(several, batch_size=5000)


def _execute(*statements: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _measure() -> float:
    """Return the least time (ms) of what the page asks and counts, as an operator sees it."""
    from accounts.models import User
    from accounts.models.role import Role
    from helpdesk import coverage

    operator = User(role=Role.NATIONAL_ADMIN)
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        coverage.lines(by=operator)
        list(coverage.excuses(by=operator)[:200])
        took.append(time.perf_counter() - began)
    return 1000 * min(took)


if __name__ == "__main__":
    main()
