"""/metrics, for the networks in METRICS_NETWORKS: in front of Django, for which there is no such address.

So whoever may not ask is answered what any unknown address is answered, byte for byte and by the same code.
"""

from __future__ import annotations

import ipaddress
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from accounts.figures import REGISTRY
from esr_portal import forwarded, metrics_folder
from esr_portal.database_figures import DatabaseFigures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger("esr_portal.metrics")

PATH = "/metrics"
# What a proxy says of a request that it passes on.
_SAID_BY_PROXIES = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP")


class Build:
    """Which version answers: a collector for prometheus_client, whose own kind for it knows one process alone."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the version, as the label of a 1."""
        family = GaugeMetricFamily("esr_build_info", "Which version of the portal answers.", labels=["version"])
        family.add_metric([settings.VERSION], 1)
        yield family


_standing = CollectorRegistry()
_standing.register(Build())
_standing.register(DatabaseFigures())


def with_metrics(application: WSGIApplication, *, networks: Sequence[str]) -> WSGIApplication:
    """Return `application` as it is to be served: with the page for these networks, or as it is where there are none.

    It goes inside of what reads forwarded addresses.
    """
    allowed = [forwarded.read_network(text) for text in networks]
    if not allowed:
        return application

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if environ.get("PATH_INFO") != PATH or method not in {"GET", "HEAD"} or not _may_ask(environ, allowed):
            return application(environ, start_response)
        page = text()
        headers = [
            ("Content-Type", CONTENT_TYPE_PLAIN_0_0_4),
            ("Content-Length", str(len(page))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        start_response("200 OK", headers)
        return [page] if method == "GET" else []

    return answer


def text() -> bytes:
    """Return all figures in Prometheus' text format: what this server's processes counted, and how things stand."""
    return _counted() + generate_latest(_standing)


def _counted() -> bytes:
    folder = os.environ.get(metrics_folder.VARIABLE, "")
    if not folder:
        return generate_latest(REGISTRY)
    metrics_folder.forget_the_dead(Path(folder))
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _may_ask(environ: WSGIEnvironment, networks: Sequence[forwarded.Network]) -> bool:
    """Return whether the address that is believed is in one of the networks.

    What came through a proxy counts only with the address that a trusted one names: else each stranger has the proxy's,
    which may be in a network where monitoring is too.
    """
    through_a_proxy = any(name in environ for name in _SAID_BY_PROXIES)
    is_believed = environ.get(forwarded.FROM_TRUSTED) and environ.get("HTTP_X_FORWARDED_FOR")
    if through_a_proxy and not is_believed:
        return False
    try:
        address = ipaddress.ip_address(environ.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in network for network in networks if network.version == address.version)
