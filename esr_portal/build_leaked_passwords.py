"""Build the filter of leaked passwords into LEAKED_PASSWORDS_FILTER.

Run as ``python -m esr_portal.build_leaked_passwords``. Does nothing where the filter is up to date.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from tqdm import tqdm

from common_passwords import packaged
from common_passwords.filter_sources import Progress


@contextmanager
def _reading(total: int) -> Iterator[Progress]:
    """Show how much was read, where there is a terminal."""
    with tqdm(desc="Leaked passwords", total=total, unit="B", unit_scale=True, disable=None, file=sys.stderr) as bar:
        yield bar.update


def main() -> None:
    """Build the file that the settings name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esr_portal.settings")
    try:
        built = packaged.build(into=settings.LEAKED_PASSWORDS_FILTER, reading=_reading)
    except (packaged.BuildFailed, OSError) as failure:
        sys.exit(f"The filter of leaked passwords could not be built: {failure}.")
    print("Filter of leaked passwords built." if built else "Filter of leaked passwords is up to date.")  # noqa: T201


if __name__ == "__main__":
    main()
