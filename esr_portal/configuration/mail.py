"""How mail leaves: EMAIL_URL and FROM_EMAIL."""

from __future__ import annotations

import dataclasses
import re
from email import policy
from email.errors import ObsoleteHeaderDefect
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import EmailValidator

from esr_portal.configuration import hosts
from esr_portal.configuration.faults import YES

if TYPE_CHECKING:
    from esr_portal.configuration.faults import Variables

# Where the demo's own mail server would be; `make run` names the real port.
_OF_THE_DEMO = "smtp://127.0.0.1:8025"
_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_EXAMPLE = "Put the mail server there, like smtps://user:password@mail.example.nhs.uk:465."
ESCAPES = "Write /, ?, #, @ and : in a password as %2F, %3F, %23, %40 and %3A."
_FROM_EXAMPLE = 'Put one address there, like "ESR Portal, Northern Hospitals" <no-reply@esr.example.nhs.uk>.'
# The word that allows mail to another machine without TLS: smtp://relay.example.nhs.uk:25?tls=none.
ALLOWED_WITHOUT_TLS = "none"
# Domains that nothing is ever at: RFC 2606, 2; RFC 6761, 6.
_NO_DOMAINS = (".example", ".invalid", ".test", ".localhost")
_ADDRESS_FORM = EmailValidator(allowlist=[])


@dataclasses.dataclass(frozen=True, slots=True)
class Mail:
    """The mail server, in the words of Django's settings, and who mails come from."""

    backend: str = _SMTP
    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = dataclasses.field(default="", repr=False)
    use_tls: bool = False
    use_ssl: bool = False
    sender: str = ""


def read(variables: Variables, *, demo: bool, host: str) -> Mail:
    """Return how mail leaves. `host` is that of BASE_URL, whose mail it is where FROM_EMAIL does not say."""
    sender = _sender(variables, demo=demo, host=host)
    url = variables.text("EMAIL_URL")
    if not url and not demo:
        variables.fault("E016", "EMAIL_URL is not set.", _EXAMPLE)
    parsed = _parse(url or _OF_THE_DEMO)
    if parsed is None:
        variables.fault("E050", "EMAIL_URL cannot be read.", f"{_EXAMPLE} {ESCAPES}")
        return Mail(sender=sender)
    mail = dataclasses.replace(parsed, sender=sender)
    if not demo and url:
        _look_at(mail, variables, word=_query(url).get("tls", ""))
    return mail


def _look_at(mail: Mail, variables: Variables, *, word: str) -> None:
    """Name what is wrong with a mail server of production's."""
    if mail.backend != _SMTP:
        variables.fault("E017", "EMAIL_URL sends no mail.", "It begins with smtp:// or smtps://.")
    elif not mail.host:
        variables.fault("E050", "EMAIL_URL has no host.", _EXAMPLE)
    elif not (mail.use_ssl or mail.use_tls or word == ALLOWED_WITHOUT_TLS or hosts.is_this_machine(mail.host)):
        what = "EMAIL_URL is another machine's without TLS: the links in mails can be read on the way."
        put = "Put smtps://…:465 or smtp+tls://…:587 there; or add ?tls=none where the network between is safe."
        variables.fault("E051", what, put)


def _parse(url: str) -> Mail | None:
    """Return the mail server that an EMAIL_URL names, or None where it cannot be read.

    What parsers say of an address quotes it, password and all, so it goes no further.
    """
    scheme, _, rest = url.partition("://")
    # django-environ takes smtps for STARTTLS; every other program takes it for TLS from the first byte.
    name = "smtp+ssl" if scheme.lower() == "smtps" else scheme.lower()
    try:
        read: dict[str, Any] = environ.Env.email_url_config(f"{name}://{rest}")
        query = _query(url)
    except (ValueError, ImproperlyConfigured):
        return None
    if ends_too_early(url) or read["EMAIL_PORT"] == 0:
        return None
    use_ssl = name == "smtp+ssl" or query.get("email_use_ssl") in YES
    use_tls = name == "smtp+tls" or query.get("email_use_tls") in YES
    return Mail(
        backend=read["EMAIL_BACKEND"],
        host=_text(read["EMAIL_HOST"]),
        port=int(read["EMAIL_PORT"] or (465 if use_ssl else 25)),
        user=_text(read["EMAIL_HOST_USER"]),
        password=_text(read["EMAIL_HOST_PASSWORD"]),
        use_tls=use_tls and not use_ssl,
        use_ssl=use_ssl,
    )


def ends_too_early(url: str) -> bool:
    """Return whether a password seems to have a #, ? or / in it, so that its host is read as something else."""
    parts = urlsplit(url)
    return bool(parts.fragment) or "@" in parts.query + parts.path


def _text(value: str | None) -> str:
    return value or ""


def _query(url: str) -> dict[str, str]:
    """Return the parameters of an address, in small letters."""
    return {name.lower(): values[-1].strip().lower() for name, values in parse_qs(urlsplit(url).query).items()}


def _sender(variables: Variables, *, demo: bool, host: str) -> str:
    """Return who mails come from: FROM_EMAIL, or an address at `host`."""
    sender = variables.text("FROM_EMAIL")
    if not sender and demo:
        return "ESR Portal <no-reply@esr.nhs.example>"
    if not sender:
        can_be_derived = "." in host and not re.search(r"[0-9]$|[\[\]:]", host)
        derived = f"ESR Portal <no-reply@{host}>" if can_be_derived else ""
        what = "FROM_EMAIL is not set: mails come from no-reply at the host name of BASE_URL."
        variables.warn("W003", what, "Put an address there whose domain your mail server sends for.")
        return derived or "ESR Portal <no-reply@localhost>"
    problem = sender_problem(sender)
    if problem and not demo:
        variables.fault("E029", f"FROM_EMAIL {problem}.", _FROM_EXAMPLE)
    return sender


_NOT_ONE_ADDRESS = "is not one name and address: a name with a comma or an @ stands in quotation marks"


def sender_problem(sender: str) -> str:
    """Return why mail cannot come from `sender`, in a few words, or ""."""
    try:
        header = policy.default.header_factory("From", sender)
    except ValueError:
        return "has a line end in it"
    except Exception:  # noqa: BLE001 - the library's parser fails in many ways on what is no address, like "<".
        return _NOT_ONE_ADDRESS
    defects = [defect for defect in header.defects if not isinstance(defect, ObsoleteHeaderDefect)]
    if len(header.addresses) != 1 or defects:
        return _NOT_ONE_ADDRESS
    (address,) = header.addresses
    return address_problem(address.addr_spec)


def address_problem(address: str) -> str:
    """Return why `address` is no address of a mailbox (alone, without a name), in a few words, or ""."""
    try:
        _ADDRESS_FORM(address)
    except ValidationError:
        return "has an address that no mailbox has"
    return "has a domain that cannot exist" if address.lower().endswith(_NO_DOMAINS) else ""
