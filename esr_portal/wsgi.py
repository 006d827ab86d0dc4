"""What the WSGI server loads: the portal, behind the proxies it trusts, and only with a safe configuration."""

import os
import sys
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.wsgi import get_wsgi_application
from django.db import connections
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esr_portal.settings")

application: "WSGIApplication" = get_wsgi_application()

from accounts import clocks  # noqa: E402  (needs the settings that get_wsgi_application loads)

faults = [message for message in run_checks(tags=[Tags.security]) if message.is_serious()]
clocks.log_disagreement()
# The threads that answer requests have connections of their own.
connections.close_all()
if faults:
    sys.exit("\n".join(f"Cannot start: {fault.msg} {fault.hint or ''}" for fault in faults))

from esr_portal.content_type import read_as_utf_8  # noqa: E402
from esr_portal.warm_up import warm_up  # noqa: E402  (needs the apps that get_wsgi_application loads)

warm_up()
application = read_as_utf_8(wrap_wsgi_with_proxy_headers(application, trusted_hosts=settings.TRUSTED_PROXIES))
