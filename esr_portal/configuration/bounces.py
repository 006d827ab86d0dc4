"""Where mail comes back to, and the mailbox in which the worker reads it: BOUNCE_EMAIL and BOUNCE_MAILBOX."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from accounts.imap import Mailbox
from esr_portal.configuration import hosts
from esr_portal.configuration.mail import ESCAPES, address_problem, ends_too_early

if TYPE_CHECKING:
    from esr_portal.configuration.faults import Variables

_ADDRESS_EXAMPLE = "Put one address there, without a name, like esr-bounces@esr.example.nhs.uk, or leave it out."
_EXAMPLE = "Put the mailbox there, like imaps://user:password@mail.example.nhs.uk:993/INBOX."
_PORTS = {"imaps": 993, "imap": 143}


@dataclasses.dataclass(frozen=True, slots=True)
class Bounces:
    """Where mail comes back to."""

    # Where mail servers send what they could not deliver, or "": it goes to the sender, and is not read.
    address: str
    # None where a mail server hands each notice to `manage.py take_bounce`, or where none is read.
    mailbox: Mailbox | None


def read(variables: Variables) -> Bounces:
    """Return where mail comes back to, and note what is wrong with it."""
    address, mailbox = _address(variables), _mailbox(variables)
    if mailbox is not None and not variables.text("BOUNCE_EMAIL"):
        what = "BOUNCE_MAILBOX is set without BOUNCE_EMAIL: no mail server sends anything there."
        variables.fault("E066", what, "Set BOUNCE_EMAIL to the address whose mail arrives in the mailbox.")
    return Bounces(address=address, mailbox=mailbox)


def _address(variables: Variables) -> str:
    """Return BOUNCE_EMAIL, one address alone, or "" where it is not set."""
    address = variables.text("BOUNCE_EMAIL")
    problem = address_problem(address) if address else ""
    if problem:
        variables.fault("E063", f"BOUNCE_EMAIL {problem}.", _ADDRESS_EXAMPLE)
    return "" if problem else address


def _mailbox(variables: Variables) -> Mailbox | None:
    """Return what BOUNCE_MAILBOX names. As strict in a demo: it is a real server's password either way."""
    url = variables.text("BOUNCE_MAILBOX")
    if not url:
        return None
    mailbox = _parse(url)
    if mailbox is None:
        variables.fault("E064", "BOUNCE_MAILBOX cannot be read.", f"{_EXAMPLE} {ESCAPES}")
    elif not (mailbox.over_tls or hosts.is_this_machine(mailbox.host)):
        what = "BOUNCE_MAILBOX is another machine's without TLS: its password can be read on the way."
        variables.fault("E065", what, "Put imaps://…:993 there.")
        return None
    return mailbox


def _parse(url: str) -> Mailbox | None:
    """Return the mailbox that an address names, or None where it cannot be read."""
    try:
        parts = urlsplit(url)
        mailbox = Mailbox(
            host=parts.hostname or "",
            port=_PORTS[parts.scheme] if parts.port is None else parts.port,
            user=_text(parts.username),
            password=_text(parts.password),
            folder=_text(parts.path[1:]) or "INBOX",
            over_tls=parts.scheme == "imaps",
        )
    except (ValueError, KeyError):
        # What parsers say of an address quotes it, password and all, so it goes no further.
        return None
    return None if parts.query or ends_too_early(url) or not _is_fit(mailbox) else mailbox


def _text(part: str | None) -> str:
    return unquote(part or "", errors="strict")


def _is_fit(mailbox: Mailbox) -> bool:
    """Return whether IMAP can be asked for it."""
    is_whole = all((mailbox.host, mailbox.port, mailbox.user, mailbox.password))
    # A line end would be the beginning of a command; a folder with letters beyond ASCII has a spelling of IMAP's own.
    is_plain = (mailbox.user + mailbox.password + mailbox.folder).isprintable()
    return is_whole and is_plain and mailbox.folder.isascii()
