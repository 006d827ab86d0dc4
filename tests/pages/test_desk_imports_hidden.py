"""The desk's page of an import of a workbook, of which the person does not see all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest

from tests.support.helpdesk import at_work, text
from tests.support.imports import looked_at, page_of, press
from tests.support.people_files import HEADING, jo_cells, saved

if TYPE_CHECKING:
    from accounts.models import User

pytestmark = pytest.mark.django_db


def test_what_is_hidden_in_a_workbook_is_told_before_it_is_confirmed(lead: User) -> None:
    desk = at_work(lead)
    made = openpyxl.Workbook()
    assert made.active is not None
    made.active.title = "Staff"
    made.active.append([*HEADING.split(","), "Ends_On"])
    for number in range(1, 4):
        made.active.append([*jo_cells(employee_number=f"1000000{number}"), "2030-01-01"])
    made.create_sheet("Leavers")
    made.active.column_dimensions["H"].hidden = True
    for number in (2, 3):
        made.active.row_dimensions[number].hidden = True
    row = looked_at(saved(made), by=lead)
    page = text(desk, page_of(row))
    assert "2 lines are hidden in your workbook. They are read too." in page
    assert "Columns are hidden in your workbook. They are read too: ends on." in page
    assert "The sheet “Staff” is read, which is the first." in page
    assert "Added 3" in page
    press(desk, row, "cancel")
    row.refresh_from_db()
    assert row.unseen is None, "the name of a sheet goes with the file"
    made.remove(made["Leavers"])
    made.active.column_dimensions["H"].hidden = made.active.row_dimensions[3].hidden = False
    assert "1 line is hidden in your workbook. It is read too." in text(desk, page_of(looked_at(saved(made), by=lead)))
