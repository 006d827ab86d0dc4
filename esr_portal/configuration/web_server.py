"""The web server: PORT and GRANIAN_…, which granian's own command line would answer with a traceback or too late."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from esr_portal.configuration.faults import Variables

PREFIX = "GRANIAN_"
# Set where granian ends TLS itself.
OWN_TLS = "GRANIAN_SSL_CERTIFICATE"
_KEY_OF_TLS = "GRANIAN_SSL_KEYFILE"
DEFAULT_PORT = 8000
HIGHEST_PORT = 65535
_DEFAULT_HOST = "127.0.0.1"
# What of a request granian's access log can write, and a recovery link is in.
_ADDRESSES = ("%(path)s", "%(query_string)s")


def read_port(variables: Variables) -> int:
    """Return the port that the web server listens on."""
    text = variables.text("PORT")
    if not text:
        return DEFAULT_PORT
    if text.isascii() and text.isdecimal() and 1 <= int(text) <= HIGHEST_PORT:
        return int(text)
    variables.fault("E022", "PORT is no port.", "Put a number from 1 to 65535 there, like PORT=8000.")
    return DEFAULT_PORT


def read_host(variables: Variables) -> str:
    """Return the address that the web server listens on."""
    return variables.text("GRANIAN_HOST", _DEFAULT_HOST)


def look_at(variables: Variables, *, port: int) -> None:
    """Name what granian could not start with, or what would let it serve something else."""
    given = variables.starting_with(PREFIX)
    if not given:
        return
    _look_at_kinds(variables, given)
    _look_at_where(variables, given)
    if given.get("GRANIAN_PORT", str(port)).strip() != str(port):
        variables.fault("E023", "GRANIAN_PORT is not PORT.", "Put the port into PORT, like PORT=8000, alone.")
    if given.get("GRANIAN_INTERFACE", "wsgi").strip().lower() != "wsgi":
        variables.fault("E023", "GRANIAN_INTERFACE is not the portal's.", "Leave it out; the portal's is wsgi.")
    if _is_on(given, "GRANIAN_FACTORY"):
        variables.fault("E023", "GRANIAN_FACTORY is for applications of another make.", "Leave it out.")
    is_logged = _is_on(given, "GRANIAN_LOG_ACCESS_ENABLED")
    written = given.get("GRANIAN_LOG_ACCESS_FMT", _ADDRESSES[0])
    if is_logged and any(address in written for address in _ADDRESSES):
        what = "GRANIAN_LOG_ACCESS_ENABLED writes addresses into the log, recovery links among them."
        variables.fault("E023", what, "Leave it out, and let the proxy write an access log that masks them.")


def _is_on(given: dict[str, str], name: str) -> bool:
    return given.get(name, "").strip().lower() in {"1", "true", "yes", "on", "t", "y"}


def _look_at_where(variables: Variables, given: dict[str, str]) -> None:
    """Name what granian cannot listen on, or would listen on without the TLS that is meant."""
    try:
        ipaddress.ip_address(read_host(variables))
    except ValueError:
        what = "GRANIAN_HOST is no network address (a name is none, and IPv6 has no brackets here)."
        variables.fault("E023", what, "Put an address of this machine there, like GRANIAN_HOST=0.0.0.0.")
    if "GRANIAN_UDS" in given:
        what = "GRANIAN_UDS has no addresses, so no proxy could be told from a stranger."
        variables.fault("E023", what, "Leave it out, and let the proxy ask PORT at GRANIAN_HOST.")
    of_tls = [name for name in (OWN_TLS, _KEY_OF_TLS) if name in given]
    is_named = any(fault.what.startswith("GRANIAN_SSL_") for fault in variables.faults)
    if len(of_tls) == 1 and not is_named:
        what = f"{of_tls[0]} alone is no TLS: pages would go out without it."
        put = f"Put the path of the certificate into {OWN_TLS} and of its key into {_KEY_OF_TLS}, or leave both out."
        variables.fault("E023", what, put)


def _look_at_kinds(variables: Variables, given: dict[str, str]) -> None:
    """Name the options of granian's whose values are not of their kind, by granian's own account of them."""
    # Takes a tenth of a second, so only where it is needed.
    import click
    from granian.cli import cli

    context = click.Context(cli)
    for option in cli.params:
        name = f"{PREFIX}{(option.name or '').upper()}"
        if name not in given:
            continue
        value = option.type.split_envvar_value(given[name]) if option.multiple else given[name]
        try:
            option.type_cast_value(context, value)
        except click.UsageError:
            variables.fault("E023", f"{name} is not what granian takes.", _expected(option))


def _expected(option: object) -> str:
    """Return a sentence that says what an option of granian's takes."""
    kind = getattr(option, "type", None)
    choices = getattr(kind, "choices", None)
    if choices:
        return f"Put one of these there: {', '.join(str(getattr(choice, 'value', choice)) for choice in choices)}."
    default = getattr(option, "default", None)
    example = f", like {default}" if isinstance(default, int | float) and not isinstance(default, bool) else ""
    words = {"integer": "a whole number", "integer range": "a whole number", "duration": "a number of seconds"}
    words |= {"boolean": "true or false", "float": "a number", "file": "the path of a file that is there"}
    words |= {"path": "a path of this machine", "directory": "the path of a folder that is there"}
    return f"Put {words.get(getattr(kind, 'name', ''), 'another value')} there{example}."
