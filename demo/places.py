"""The made-up organisations, one for each setting that makes a difference to people. Addresses: see demo/cast.py."""

from __future__ import annotations

import dataclasses

from accounts.models.organisation import SecondStepPolicy


@dataclasses.dataclass(frozen=True, slots=True)
class DemoApplication:
    """Something to open on My ESR."""

    name: str
    address: str
    description: str
    welsh_name: str = ""
    welsh_description: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """A made-up employer."""

    code: str
    name: str
    domain: str
    # Where its computers are. The demo is opened on the computer that it runs on.
    trusted_networks: tuple[str, ...]
    requires_internet_access: bool
    applications: tuple[DemoApplication, ...]
    second_step: SecondStepPolicy = SecondStepPolicy.OPTIONAL
    welsh_name: str = ""
    # What leavers need to know, in English and in Welsh.
    payslip_words: str = ""
    welsh_payslip_words: str = ""


ORGANISATIONS = (
    DemoOrganisation(
        code="101",
        name="Riverside Hospitals NHS Trust",
        domain="riverside.nhs.example",
        trusted_networks=("127.0.0.0/8", "::1/128"),
        requires_internet_access=False,
        applications=(
            DemoApplication("Rota", "https://rota.riverside.nhs.example", "See your shifts and ask for a change."),
            DemoApplication("Expenses", "https://expenses.riverside.nhs.example", "Claim travel and other costs."),
            DemoApplication("Learning", "https://learning.riverside.nhs.example", "Book and complete your training."),
        ),
    ),
    DemoOrganisation(
        code="202",
        name="Moorland Community Health",
        domain="moorland.nhs.example",
        trusted_networks=("10.0.0.0/8",),
        requires_internet_access=True,
        applications=(
            DemoApplication("Visits", "https://visits.moorland.nhs.example", "Your home visits for the day."),
            DemoApplication("Learning", "https://learning.moorland.nhs.example", "Book and complete your training."),
        ),
    ),
    DemoOrganisation(
        code="505",
        name="Northshore Ambulance Service",
        domain="northshore.nhs.example",
        trusted_networks=("172.16.0.0/12",),
        requires_internet_access=False,
        applications=(
            DemoApplication("Crews", "https://crews.northshore.nhs.example", "See who is on the road with you."),
        ),
        second_step=SecondStepPolicy.REQUIRED,
    ),
    DemoOrganisation(
        code="606",
        name="Penhafan Health Board",
        welsh_name="Bwrdd Iechyd Penhafan",
        domain="penhafan.nhs.example",
        trusted_networks=("192.168.0.0/16",),
        requires_internet_access=False,
        applications=(
            DemoApplication(
                "Rota",
                "https://rota.penhafan.nhs.example",
                "See your shifts and ask for a change.",
                "Rota waith",
                "Gweld eich shifftiau a gofyn am newid.",
            ),
            DemoApplication(
                "Learning",
                "https://learning.penhafan.nhs.example",
                "Book and complete your training.",
                "Dysgu",
                "Trefnu eich hyfforddiant a’i gwblhau.",
            ),
        ),
        payslip_words="Write in English or in Welsh.",
        welsh_payslip_words="Ysgrifennwch yn Gymraeg neu yn Saesneg.",
    ),
)
