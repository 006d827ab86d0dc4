"""What the web server serves: the portal behind the proxies that it trusts, and only with a safe configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, connections

from accounts import clocks
from esr_portal import checks
from esr_portal.connections import limit_from_now_on, what_a_pooler_lacks
from esr_portal.content_type import read_as_utf_8
from esr_portal.door import with_a_door
from esr_portal.forwarded import Proxies
from esr_portal.last_headers import with_last_headers
from esr_portal.metrics_page import with_metrics
from esr_portal.request_figures import count_failures, counted
from esr_portal.request_ids import with_request_ids
from esr_portal.server import limit_hashing
from esr_portal.warm_up import warm_up

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


class Refused(Exception):
    """The portal does not start; the message has a line for each reason."""


def portal(application: WSGIApplication) -> WSGIApplication:
    """Return Django's `application` as it is to be served. Raises Refused."""
    limit_from_now_on()
    faults = checks.what_keeps_from_starting()
    if not faults and (lacking := what_a_pooler_lacks(connection)):
        faults.append(lacking)
    clocks.log_disagreement()
    # The threads that answer requests have connections of their own.
    connections.close_all()
    if faults:
        raise Refused("\n".join(faults))
    # Before the first hash, so that its memory is the one that is kept.
    limit_hashing()
    count_failures()
    warm_up()
    return outside(application)


def outside(application: WSGIApplication) -> WSGIApplication:
    """Return `application` with what every request passes before Django: the first named is the outermost."""
    proxies = Proxies(settings.TRUSTED_PROXIES, served_over_tls=settings.SERVED_OVER_TLS)
    inside = with_metrics(counted(with_a_door(application)), networks=settings.METRICS_NETWORKS)
    return with_last_headers(read_as_utf_8(proxies.believe(with_request_ids(inside))))
