"""granian's master process, with our log: ``python -m esr_portal.web_server esr_portal.wsgi:application``.

esr_portal/server.py becomes it. Its workers are forked from it and inherit what it does about exceptions and warnings;
how granian's own lines are written it reads in granian_logs.json (GRANIAN_LOG_CONFIG).
"""

from granian.cli import entrypoint

from esr_portal import process_logs
from esr_portal.core_dumps import keep_memory_private

if __name__ == "__main__":
    process_logs.take_over()
    # It holds no password, but its environment has the portal's keys.
    keep_memory_private()
    entrypoint()  # type: ignore[no-untyped-call]
