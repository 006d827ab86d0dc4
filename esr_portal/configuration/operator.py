"""Who runs the portal, as its pages say it: OPERATOR_NAME and OPERATOR_EMAIL."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from esr_portal.configuration import mail

if TYPE_CHECKING:
    from esr_portal.configuration.faults import Variables

# Of the demo, whose people and places are made up too.
_NAME_OF_THE_DEMO, _EMAIL_OF_THE_DEMO = "the demo’s ESR team", "esr-team@esr.nhs.example"
_NAME_EXAMPLE = "Put a name there that a sentence can name, like OPERATOR_NAME=the ESR team of Northern Hospitals."
_EMAIL_EXAMPLE = "Put one address there that is read each working day, like OPERATOR_EMAIL=esr-team@northern.nhs.uk."
# Characters: what fits into a sentence on a phone.
LONGEST_NAME = 100


@dataclasses.dataclass(frozen=True, slots=True)
class Operator:
    """The people who run the portal. Either is "" where it is a fault."""

    name: str
    email: str


def read(variables: Variables, *, demo: bool) -> Operator:
    """Return who runs the portal. A missing or malformed one is a fault; the demo has its own."""
    name = variables.text("OPERATOR_NAME", _NAME_OF_THE_DEMO if demo else "")
    email = variables.text("OPERATOR_EMAIL", _EMAIL_OF_THE_DEMO if demo else "")
    if not name:
        variables.fault("E056", "OPERATOR_NAME is not set.", _NAME_EXAMPLE)
    elif not _is_a_name(name):
        variables.fault("E054", "OPERATOR_NAME is no name.", _NAME_EXAMPLE)
        name = ""
    problem = mail.address_problem(email) if email and email != _EMAIL_OF_THE_DEMO else ""
    if not email:
        variables.fault("E057", "OPERATOR_EMAIL is not set.", _EMAIL_EXAMPLE)
    elif problem:
        variables.fault("E055", f"OPERATOR_EMAIL {problem}.", _EMAIL_EXAMPLE)
        email = ""
    return Operator(name=name, email=email)


def _is_a_name(text: str) -> bool:
    """Return whether `text` can stand in a sentence: one short line without invisible characters, and no address."""
    return len(text) <= LONGEST_NAME and text.isprintable() and not set(text) & set("@<>") and "://" not in text
