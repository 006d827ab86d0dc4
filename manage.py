#!/usr/bin/env python
"""Django's command line for the portal."""

import os
import sys

from django.core.management import execute_from_command_line
from django.core.management.base import SystemCheckError

from esr_portal import loading, process_logs
from esr_portal.core_dumps import keep_memory_private


def main() -> None:
    """Run a command. Where the configuration is at fault it ends with 78, so that no service manager tries again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esr_portal.settings")
    loading.begin()
    process_logs.take_over()
    keep_memory_private()
    try:
        execute_from_command_line(sys.argv)
    except SystemExit as ended:
        # Django has said what it is, and ends with 1.
        if isinstance(ended.__context__, SystemCheckError):
            sys.exit(os.EX_CONFIG)
        raise


if __name__ == "__main__":
    main()
