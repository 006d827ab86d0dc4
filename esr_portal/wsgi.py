"""What the WSGI server loads: the portal (esr_portal/serving.py), or nothing, and then the log says why."""

import logging
import os
import sys
from typing import TYPE_CHECKING

from django.core.wsgi import get_wsgi_application

from esr_portal import loading, metrics_folder, process_logs
from esr_portal.core_dumps import keep_memory_private

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

# Before a key is read, and before a password is typed.
keep_memory_private()
loading.begin()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esr_portal.settings")


def _load() -> "WSGIApplication":
    # Before prometheus_client is imported.
    metrics_folder.take_room()
    application: WSGIApplication = get_wsgi_application()
    loading.end()
    # Needs the apps that this loads.
    from esr_portal import serving

    try:
        return serving.portal(application)
    except serving.Refused as refused:
        process_logs.say(str(refused))
        sys.exit(1)


try:
    application: "WSGIApplication" = _load()
except Exception:
    # A worker of the web server would write the traceback as it is.
    logging.getLogger("esr_portal.process").critical("the portal cannot be loaded", exc_info=True)
    sys.exit(1)
