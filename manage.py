#!/usr/bin/env python
"""Django's command line for the portal."""

import os
import sys

from django.core.management import execute_from_command_line

from esr_portal import process_logs

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esr_portal.settings")
    process_logs.take_over()
    execute_from_command_line(sys.argv)
