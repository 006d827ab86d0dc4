"""Who runs the portal: production names them, and the demo has its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from esr_portal import configuration
from tests.support.portal import SAFE


@pytest.mark.parametrize(("variable", "code"), [("OPERATOR_NAME", "E056"), ("OPERATOR_EMAIL", "E057")])
@pytest.mark.parametrize("nothing", ["", "  "])
def test_production_says_who_runs_it(tmp_path: Path, variable: str, code: str, nothing: str) -> None:
    """A page that sends a person to the people who run the portal names them, and where they read mail."""
    found = configuration.read(SAFE | {"STATE_DIR": str(tmp_path), variable: nothing}, base=tmp_path)
    (fault,) = [fault for fault in found.faults if not fault.is_warning]
    assert (fault.code, fault.what) == (code, f"{variable} is not set.")
    assert f"{variable}=" in fault.example


def test_the_demo_has_people_who_run_it(tmp_path: Path) -> None:
    found = configuration.read({"DEMO": "1", "STATE_DIR": str(tmp_path)}, base=tmp_path)
    assert found.faults == ()
    assert found.operator.name
    assert found.operator.email
