"""Files of people, as an organisation sends them."""

from __future__ import annotations

import io

import pytest

from people.services import people_import

HEADING = "organisation,employee_number,given_name,family_name,email,date_of_birth,person_type"
JO = "999,10000001,Jo,Smith,jo.smith@nhs.net,1980-04-23,staff"
ANN = "999,10000002,Ann,O'Brien,ann@example.org,23/04/1990,volunteer"


def jo(**facts: str) -> str:
    """Return Jo Smith's line with other facts."""
    cells = dict(zip(HEADING.split(","), JO.split(","), strict=True)) | facts
    return ",".join(cells.values())


def run(*lines: str, heading: str = HEADING, end: str = "\n") -> people_import.Result:
    """Import a file of these lines."""
    return run_bytes(end.join([heading, *lines, ""]).encode())


def run_bytes(content: bytes) -> people_import.Result:
    """Import a file of these bytes."""
    return people_import.run(file=io.BytesIO(content))


def faults(*lines: str, heading: str = HEADING) -> list[str]:
    """Return the faults of a file of these lines, as the operator reads them."""
    return faults_in("\n".join([heading, *lines, ""]).encode())


def faults_in(content: bytes) -> list[str]:
    """Return the faults of a file of these bytes, as the operator reads them."""
    with pytest.raises(people_import.Faulty) as faulty:
        run_bytes(content)
    return [str(fault) for fault in faulty.value.faults]
