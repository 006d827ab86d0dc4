"""What the WSGI server loads: the portal, behind the proxies it trusts, and only with a safe configuration."""

import os
import sys
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "esr_portal.settings")

application: "WSGIApplication" = get_wsgi_application()

from accounts import clocks  # noqa: E402  (needs the apps that get_wsgi_application loads)
from esr_portal import checks  # noqa: E402
from esr_portal.connections import limit_from_now_on, what_a_pooler_lacks  # noqa: E402

limit_from_now_on()
faults = checks.what_keeps_from_starting()
if not faults and (lacking := what_a_pooler_lacks(connection)):
    faults.append(lacking)
clocks.log_disagreement()
# The threads that answer requests have connections of their own.
connections.close_all()
if faults:
    sys.exit("\n".join(faults))

from esr_portal.content_type import read_as_utf_8  # noqa: E402
from esr_portal.door import with_a_door  # noqa: E402
from esr_portal.forwarded import Proxies  # noqa: E402
from esr_portal.last_headers import with_last_headers  # noqa: E402
from esr_portal.server import limit_hashing  # noqa: E402
from esr_portal.warm_up import warm_up  # noqa: E402

# Before the first hash, so that its memory is the one that is kept.
limit_hashing()
warm_up()
proxies = Proxies(settings.TRUSTED_PROXIES, served_over_tls=settings.SERVED_OVER_TLS)
application = with_last_headers(read_as_utf_8(proxies.believe(with_a_door(application))))
