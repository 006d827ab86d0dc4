#!/usr/bin/env python
"""Django's command line for the portal."""

import os
import sys

from django.core.management import execute_from_command_line

from esr_portal.core_dumps import keep_memory_private

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esr_portal.settings")
    keep_memory_private()
    execute_from_command_line(sys.argv)
