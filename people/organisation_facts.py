"""What may be said of an organisation: each setting is named once here, with what the command line says about it.

What an organisation has one of is a field of `accounts.Organisation`, which gives its label and decides what is valid.
So a new setting is that field (with its migration) and one line here: the command line takes it, the admin's form
shows it, and people/services/organisations.py stores it.
"""

import dataclasses
import typing
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from accounts.identifiers import normalise_domain, normalise_email
from accounts.models import Organisation

_AN_EMAIL_ADDRESS = "Put an email address, like esr@trust.nhs.uk."


def _name(typed: str) -> str:
    """Return a name as it is stored: without outer blanks, in Unicode's composed form (NFC)."""
    return unicodedata.normalize("NFC", typed).strip()


def _domains(typed: Sequence[str]) -> list[str]:
    """Return the parts of addresses after the @ as they are stored, each once."""
    return sorted({normalise_domain(domain.strip().removeprefix("@")) for domain in typed})


@dataclasses.dataclass(frozen=True, slots=True)
class Setting:
    """How the command line explains a setting, and how what is typed becomes what is stored."""

    help: str
    _: dataclasses.KW_ONLY
    # Gives what is typed the form that is stored.
    stored_as: Callable[[Any], Any] = lambda given: given
    # What to put instead, where the model's own sentence does not say it.
    instead: str = ""
    # The name of the option, where it may be repeated and takes one of several.
    one: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationFacts:
    """The facts about one organisation, as typed. A fact that is left at its default is not said."""

    code: Annotated[
        str,
        Setting(
            "three digits, like 999; each username begins with them",
            stored_as=str.strip,
            instead="Put three digits, like 999.",
        ),
    ]
    name: Annotated[str, Setting("its name, as people know it", stored_as=_name)]
    welsh_name: Annotated[
        str, Setting("its name in Welsh (optional; where there is none, the English is shown)", stored_as=_name)
    ] = ""
    support_email: Annotated[
        str,
        Setting("where people write to for help with ESR", stored_as=normalise_email, instead=_AN_EMAIL_ADDRESS),
    ]
    it_support_email: Annotated[
        str,
        Setting("where people renew a smartcard (optional)", stored_as=normalise_email, instead=_AN_EMAIL_ADDRESS),
    ] = ""
    email_domains: Annotated[
        Sequence[str],
        Setting(
            "what the addresses of its staff, students and contractors end in, like nhs.net; may be repeated",
            stored_as=_domains,
            instead="Put the part of people's addresses after the @, like nhs.net.",
            one="email_domain",
        ),
    ]
    trusted_networks: Annotated[
        Sequence[str],
        Setting(
            "where its computers are, as the portal sees them, like 10.20.0.0/16; may be repeated",
            one="trusted_network",
        ),
    ] = ()
    requires_internet_access: Annotated[
        bool,
        Setting("a username and password work outside the trusted networks only for people with internet access"),
    ] = False
    care_identity_level: Annotated[
        int | None,
        Setting(
            "how sure Care Identity must be: 3 (the default; a smartcard or the like) or 2 (an app is enough)",
            instead="Put 2 or 3.",
        ),
    ] = None
    second_step: Annotated[
        str,
        Setting(
            "which people need a passkey or a code after the password: off, optional (the default), required_outside "
            "(outside the trusted networks) or required",
            stored_as=lambda typed: typed.strip().lower().replace("-", "_"),
            instead="Put off, optional, required_outside or required.",
        ),
    ] = ""
    second_step_share: Annotated[
        int | None,
        Setting(
            "for how many people of a hundred second_step holds, always the same ones (100, the default, is all)",
            instead="Put a number from 0 to 100.",
        ),
    ] = None
    dormant_after_days: Annotated[
        int | None,
        Setting(
            "after so many days without a log-in a password is dormant, until recovery or Care Identity wakes it "
            "(60 to 1095; passwords are never dormant where it is not said)",
            instead="Put a number from 60 to 1095.",
        ),
    ] = None
    payslip_address: Annotated[
        str,
        Setting(
            "where people who have left ask for payslips: an email address, or a web address with https (optional)",
            stored_as=str.strip,
            instead="Put an email address, or a web address that begins with https://.",
        ),
    ] = ""
    payslip_words: Annotated[
        str,
        Setting("what is shown to them with it, like what to send (optional)", stored_as=str.strip),
    ] = ""
    welsh_payslip_words: Annotated[str, Setting("the same in Welsh (optional)", stored_as=str.strip)] = ""
    events_kept_days: Annotated[
        int | None,
        Setting(
            "for how many days what happened to people's accounts is kept, but not what agents did: with fewer, older "
            "events are deleted for good from a week later on (400 to 2190; six years where it is not said)",
            instead="Put a number from 400 to 2190.",
        ),
    ] = None

    leavers_kept_days: Annotated[
        int | None,
        Setting(
            "how many days after their last day people are erased for good: with a lower number than before, from a "
            "week later on (400 to 3653; six years where it is not said)",
            instead="Put a number from 400 to 3653.",
        ),
    ] = None

    def stored(self, name: str) -> Any:
        """Return the fact with this name in the form that is stored."""
        return SETTINGS[name].stored_as(getattr(self, name))

    def said(self) -> dict[str, Any]:
        """Return, in the form that is stored, what is said of the fields of `accounts.Organisation`."""
        defaults = {field.name: field.default for field in dataclasses.fields(self)}
        given = {name: self.stored(name) for name in FIELDS}
        return {name: value for name, value in given.items() if value != defaults[name]}


_HINTS = typing.get_type_hints(OrganisationFacts, include_extras=True)
SETTINGS: Mapping[str, Setting] = {name: hint.__metadata__[0] for name, hint in _HINTS.items()}
# The type of each fact as it is typed: str, bool, int | None or Sequence[str].
TYPES: Mapping[str, Any] = {name: hint.__origin__ for name, hint in _HINTS.items()}
# Those that an organisation has one of: the fields of its model.
FIELDS = tuple(name for name, setting in SETTINGS.items() if not setting.one)


def label(name: str) -> str:
    """Return what a field of an organisation is called, in the admin as at the command line."""
    (field,) = [field for field in Organisation._meta.concrete_fields if field.name == name]
    return str(field.verbose_name)
