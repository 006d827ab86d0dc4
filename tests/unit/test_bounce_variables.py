"""BOUNCE_EMAIL and BOUNCE_MAILBOX: what is malformed or unsafe is a line without the content, in a demo too."""

from __future__ import annotations

import pytest

from accounts.imap import Mailbox
from esr_portal.configuration import bounces
from esr_portal.configuration.bounces import Bounces
from esr_portal.configuration.faults import Fault, Variables

ADDRESS = "esr-bounces@esr.example.nhs.uk"


def read(**environment: str) -> tuple[Bounces, list[Fault]]:
    variables = Variables(environment)
    return bounces.read(variables), variables.faults


@pytest.mark.parametrize(
    "address", ["hunter2", "ESR <hunter2@northern.nhs.uk>", "hunter2@nhs.example", "hunter2@localhost", f"{ADDRESS},x"]
)
def test_what_is_not_one_address_is_refused(address: str) -> None:
    found, (fault,) = read(BOUNCE_EMAIL=address)
    assert fault.code == "E063"
    assert ADDRESS in fault.example
    assert "hunter2" not in str(fault)
    assert found.address == ""


@pytest.mark.parametrize(
    "url",
    [
        "imaps://",
        "imaps://portal:hunter2@",
        "imaps://portal:hunter2@:993",
        "imaps://portal:hunter2@mail:port",
        "imaps://portal:hunter2@mail.nhs.uk:0",
        "imaps://portal:hunter2@[::1",
        "imaps://portal:hun/ter2@mail.nhs.uk",
        "imaps://portal:1#hunter2@mail.nhs.uk",
        "imaps://portal:1?hunter2@mail.nhs.uk",
        "imaps://mail.nhs.uk",
        "imaps://hunter2@mail.nhs.uk",
        "imaps://:hunter2@mail.nhs.uk",
        "imaps://portal:hunter2@mail.nhs.uk?tls=none",
        "mail.nhs.uk",
        "hunter2://mail.nhs.uk",
        "pop3s://portal:hunter2@mail.nhs.uk",
        # A line end would be the beginning of a command.
        "imaps://portal:hunter2%0d%0aa%20DELETE@mail.nhs.uk",
        "imaps://portal%00:hunter2@mail.nhs.uk",
        "imaps://portal:hunter2@mail.nhs.uk/IN%0d%0aBOX",
        # No UTF-8; and a folder that IMAP would spell otherwise.
        "imaps://portal:hunter2%ff@mail.nhs.uk",
        "imaps://portal:hunter2@mail.nhs.uk/Post%C3%A4mter",
    ],
)
def test_a_mailbox_that_cannot_be_read_is_refused(url: str) -> None:
    """Threat: a password in the log of a start that failed, or a command of IMAP's in an address."""
    found, (fault,) = read(BOUNCE_EMAIL=ADDRESS, BOUNCE_MAILBOX=url)
    assert fault.code == "E064"
    assert "imaps://" in fault.example
    assert "hunter2" not in str(fault)
    assert found.mailbox is None


@pytest.mark.parametrize("host", ["mail.nhs.uk", "10.0.0.9:143", "[2001:db8::7]"])
def test_a_mailbox_without_tls_on_another_machine_is_refused(host: str) -> None:
    """Threat: the network between reads the password, and with it the mails that came back."""
    found, (fault,) = read(BOUNCE_EMAIL=ADDRESS, BOUNCE_MAILBOX=f"imap://portal:hunter2@{host}/INBOX")
    assert fault.code == "E065"
    assert "hunter2" not in str(fault)
    assert found.mailbox is None


def test_a_mailbox_without_an_address_is_refused() -> None:
    """Threat: an operator believes that mails which come back are known."""
    _, (fault,) = read(BOUNCE_MAILBOX="imaps://portal:hunter2@mail.nhs.uk")
    assert fault.code == "E066"


@pytest.mark.parametrize(
    ("url", "mailbox"),
    [
        ("imaps://bounces:hunter2@mail.nhs.uk", ("mail.nhs.uk", 993, "bounces", "hunter2", "INBOX", True)),
        (
            "IMAPS://bounces%40nhs.uk:hunter%2F2%C3%A9@Mail.nhs.uk:9993/Mails%20that%20came/back",
            ("mail.nhs.uk", 9993, "bounces@nhs.uk", "hunter/2é", "Mails that came/back", True),
        ),
        ("imaps://bounces:hunter2@[2001:db8::7]/", ("2001:db8::7", 993, "bounces", "hunter2", "INBOX", True)),
        ("imap://bounces:hunter2@localhost", ("localhost", 143, "bounces", "hunter2", "INBOX", False)),
        ("$BOX", ("mail.nhs.uk", 993, "bounces", "hunter2", "INBOX", True)),
    ],
)
def test_what_is_read_is_what_was_meant(url: str, mailbox: tuple[str, int, str, str, str, bool]) -> None:
    found, faults = read(BOUNCE_EMAIL=ADDRESS, BOUNCE_MAILBOX=url, BOX="imaps://bounces:hunter2@mail.nhs.uk")
    assert faults == []
    assert found == Bounces(address=ADDRESS, mailbox=Mailbox(*mailbox))
    assert "hunter" not in repr(found)


def test_without_either_nothing_is_read() -> None:
    assert read() == (Bounces(address="", mailbox=None), [])
