"""What is kept of people, field by field: the one list from which it is told to them, erased and documented.

A field that is on no list here fails a test, so that none can be forgotten (tests/site/test_inventory.py). docs/data.md
says the same in words: who reads it, how long and why. Tables are named as Django labels them; nothing is imported, so
that those of other apps and of libraries are here too.
"""

from accounts.personal_data.kinds import AtErasure, Table
from accounts.personal_data.others import OTHERS
from accounts.personal_data.ours import OURS

TABLES: dict[str, Table] = {table.label: table for table in (*OURS, *OTHERS)}

__all__ = ["TABLES", "AtErasure", "Table"]
