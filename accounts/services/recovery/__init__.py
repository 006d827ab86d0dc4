"""Forgotten username, forgotten password, locked, or never had one: one form, one email, one link.

`asking` takes the form; `deciding` decides it later in a worker, where the browser learns nothing, in the order of
`queueing` and at the pace of `slowing`; `links` makes the links and lets each be used once. Source: OWASP Forgot
Password Cheat Sheet.
"""

from accounts.models.recovery_request import LINK_LASTS
from accounts.services.recovery.asking import ask, delete_old_requests, email_digest, email_digests
from accounts.services.recovery.deciding import (
    MAILS_BY_HELPDESK_A_DAY,
    REQUESTS_A_DAY,
    MailsLeft,
    TooManyMails,
    WhyNoLink,
    decide,
    mails_left,
    send_by_helpdesk,
    why_no_link,
)
from accounts.services.recovery.links import (
    LinkUnusable,
    delete_expired_links,
    link_by_id,
    link_for,
    link_in_mail,
    mint_link,
    new_link_for_admin,
    use,
)
from accounts.services.recovery.slowing import WRONG_DATES_AT_ONCE

__all__ = [
    "LINK_LASTS",
    "MAILS_BY_HELPDESK_A_DAY",
    "REQUESTS_A_DAY",
    "WRONG_DATES_AT_ONCE",
    "LinkUnusable",
    "MailsLeft",
    "TooManyMails",
    "WhyNoLink",
    "ask",
    "decide",
    "delete_expired_links",
    "delete_old_requests",
    "email_digest",
    "email_digests",
    "link_by_id",
    "link_for",
    "link_in_mail",
    "mails_left",
    "mint_link",
    "new_link_for_admin",
    "send_by_helpdesk",
    "use",
    "why_no_link",
]
