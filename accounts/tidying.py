"""What accounts has to delete, do or put right once a day: `manage.py tidy_up` asks every app for its `tidying`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.services import (
    caller_checks,
    care_identity_log_outs,
    daily_counts,
    device_cookies,
    dormancy,
    email_corrections,
    erasing,
    event_seals,
    events,
    events_kept,
    filing_events,
    heartbeats,
    joining,
    leavers,
    leaving,
    lockout,
    mail,
    outbox,
    recovery,
    search_words,
    second_step,
    sessions,
    spent_challenges,
)
from accounts.services.second_step import remembered_browsers

if TYPE_CHECKING:
    from collections.abc import Callable

TIDYING: dict[str, Callable[[], int]] = {
    "device cookies that no browser sends any more": device_cookies.delete_old,
    "browsers that are remembered no more": remembered_browsers.delete_old,
    "forgotten lockout counters": lockout.delete_forgotten,
    "checks of callers that count no more": caller_checks.delete_old,
    "bootstrap codes that are over": second_step.delete_ended,
    "expired sessions": sessions.delete_expired,
    "challenges of passkeys that are too old to be answered": spent_challenges.delete_old,
    "log-outs at Care Identity that no session can have begun before": care_identity_log_outs.forget_old,
    "recovery links that ended long ago": recovery.delete_expired_links,
    "recovery requests decided long ago": recovery.delete_old_requests,
    "replaced email addresses that could not be told": mail.delete_former_emails,
    "personal addresses of people who left long ago, or stay": leaving.erase_old,
    "corrections of an address that were not confirmed or decided": email_corrections.erase_old,
    "outbox rows done long ago": outbox.delete_done,
    "workers that were not seen for a day": heartbeats.delete_old,
    "counts of days longer than a year ago": daily_counts.delete_old,
    "security events past their age": events.delete_old,
    "security events that their organisation keeps for less": events_kept.delete_old,
    "people who left so long ago that they are erased": leavers.erase_due,
    "what is kept of erased people, once no event of theirs can be left": erasing.delete_old,
}

# What is due on a day, and is caught up with where it was not done on that day.
DUE: dict[str, Callable[[], int]] = {
    "people asked for a personal address before they leave": leaving.ask,
    "people welcomed on their first day": joining.welcome,
    "people warned that their password is dormant soon": dormancy.warn,
    "passwords that became dormant": dormancy.make_dormant,
    "people who left so long ago and stay for a reason, which the log has": leavers.staying,
}

PUTTING_RIGHT: dict[str, Callable[[], int]] = {
    "people whose words of a search did not follow from their names": search_words.refold,
    "second steps that the newest key did not seal": second_step.put_right,
    "security events that the search did not have": filing_events.file_new,
    "days of security events that were not sealed": event_seals.seal_closed_days,
}
