"""Which address was probably meant by a mistyped one."""

from __future__ import annotations

import pytest

from accounts import mail_domains


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        # Two letters in each other's place, one missing, one too many, one wrong.
        *(("nhs.ent", "nhs.net"), ("gmial.com", "gmail.com"), ("hotmial.com", "hotmail.com"), ("nsh.net", "nhs.net")),
        *(("nhs.nt", "nhs.net"), ("nhsnet", "nhs.net"), ("gmail.co", "gmail.com"), ("yahoo.co.k", "yahoo.co.uk")),
        *(("nhs.nett", "nhs.net"), ("nnhs.net", "nhs.net"), ("gmaill.com", "gmail.com")),
        *(("nhs.nrt", "nhs.net"), ("gmail.con", "gmail.com"), ("outlook.xom", "outlook.com")),
        *(("nhs.uk", "nhs.net"), ("nhs.uk.net", "nhs.net"), ("nhs.co.uk", "nhs.net")),
    ],
)
def test_a_slip_in_a_well_known_domain_is_seen(typed: str, meant: str) -> None:
    assert mail_domains.probably_meant(email=f"jo.smith@{typed}") == f"jo.smith@{meant}"


RIGHT = ["nhs.net", "gmail.com", "mail.com", "ymail.com", "hotmail.co.uk", "north.nhs.uk", "nhs.scot", "wales.nhs.uk"]
RIGHT += [
    "example.org",
    "me.com",
    "we.com",
    "live.com",
    "sky.com",
    "nhs.test.example",
    "xn--mnchen-3ya.example",
    "gmal.cmo",
]


@pytest.mark.parametrize("domain", RIGHT)
def test_what_is_right_or_two_slips_away_is_left_alone(domain: str) -> None:
    assert mail_domains.probably_meant(email=f"jo.smith@{domain}") is None


def test_what_is_no_address_means_none() -> None:
    assert mail_domains.probably_meant(email="") is None
