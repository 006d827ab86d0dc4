"""How long security events are kept, by their kind (docs/data.md)."""

from datetime import timedelta

_DAYS = {
    # Every other: rights, records and ways in, as long as a dispute about them may last.
    "": 6 * 365 + 2,
    # What people do each day: beyond the longest leave, and a full year.
    **dict.fromkeys(["logged_in", "logged_out", "log_in_refused", "second_step_passed", "second_step_failed"], 400),
    **dict.fromkeys(["unlocked", "care_identity_logged_out", "password_change_failed"], 400),
    **dict.fromkeys(
        ["proved_again", "proving_again_failed", "session_ended", "account_switched", "second_step_kept"], 400
    ),
    # What strangers can have written as often as they like.
    **dict.fromkeys(["log_in_failed", "locked", "recovery_requested", "recovery_decided", "care_identity_refused"], 90),
}
KEPT = {kind: timedelta(days=days) for kind, days in _DAYS.items()}
