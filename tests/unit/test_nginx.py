"""deploy/nginx.conf writes no address that lets its reader in: this holds it as it was tried with nginx 1.22.

Threat: a reader of the proxy's logs uses a recovery link within its hour, or sees the code of Care Identity's answer.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.support import addresses
from tests.support.addresses import SAMPLES

CONFIGURATION = (Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf").read_text(encoding="utf-8")
# The server without TLS, which sends to the other one, and that.
PLAIN, SERVER = re.findall(r"^server \{\n.*?^\}", CONFIGURATION, re.DOTALL | re.MULTILINE)
# What holds for every location of it that says nothing else.
OF_ALL, _, _ = SERVER.partition("    location ")
LOCATIONS: dict[str, str] = dict(re.findall(r"^    location (/\S*) \{\n(.*?)^    \}", SERVER, re.DOTALL | re.MULTILINE))
# Locations that are one address, or have a name.
OTHERS: dict[str, str] = dict(
    re.findall(r"^    location ((?:= |@)\S+) \{\n(.*?)^    \}", SERVER, re.DOTALL | re.MULTILINE)
)
# Parts that vary and are no secret: which row or kind of row, and which of the parts that can be switched off.
NO_SECRETS = {"pk", "content_type_id", "part", "to", "language"}
# An answer of Care Identity's has its code in the query, which no pattern of an address shows.
ANSWERS = {"care_identity_callback"}


def with_a_secret() -> list[str]:
    """Return the addresses outside the admin that have a part that varies, or are an answer's."""
    secrets = {sample for name, sample in SAMPLES.items() if name not in NO_SECRETS}
    paths = [address.path for address in addresses.ours()]
    varying = [path for path in paths if "<" in path or not secrets.isdisjoint(path.split("/"))]
    answers = [address.path for address in addresses.ours() if address.name in ANSWERS]
    assert varying
    assert len(answers) == len(ANSWERS)
    return [*varying, *answers]


def location_of(path: str) -> str:
    """Return what nginx's location for a path says: it takes the longest beginning."""
    return LOCATIONS[max((start for start in LOCATIONS if path.startswith(start)), key=len)]


@pytest.mark.parametrize("path", with_a_secret())
def test_an_address_with_a_secret_has_a_location_of_its_own_that_writes_it_nowhere(path: str) -> None:
    own = location_of(path)
    assert own != LOCATIONS["/"]
    assert re.search(r'set \$address_for_the_log "[^"$]*\(masked\)";', own)
    assert "error_log /dev/null crit;" in own
    # A page of nginx's own at this address would have the browser send it on, and the error log writes Referers.
    assert "proxy_hide_header Referrer-Policy;" in own
    assert "add_header Referrer-Policy no-referrer always;" in own
    assert "proxy_pass http://portal;" in own


def test_the_log_has_addresses_by_the_masked_variable_alone() -> None:
    formats = re.findall(r"^log_format \w+ '(.*)';", CONFIGURATION, re.MULTILINE)
    assert len(formats) == 1
    assert "$address_for_the_log" in formats[0]
    assert not re.search(r"\$(request|request_uri|uri|args|query_string|http_referer)\b", formats[0])
    assert set(re.findall(r"access_log (.*);", CONFIGURATION)) == {"/var/log/nginx/portal.log portal", "off"}
    assert re.findall(r"    access_log (.*);", OF_ALL) == ["/var/log/nginx/portal.log portal"]


def test_no_log_has_what_stands_behind_a_question_mark() -> None:
    """Threat: an agent finds a person, and the proxy's log says for whom: by name, email address or username.

    A page that was asked for after the session had ended stands behind one as well, at any address of the portal.
    """
    written = re.findall(r"set \$address_for_the_log (.*);", SERVER)
    assert {each for each in written if "(masked)" not in each} == {"$uri"}
    # The error log writes addresses whole.
    for path in ("/admin/desk/", "/admin/desk/imports/new/", "/log-in/", "/language/cy/"):
        assert "error_log /dev/null crit;" in location_of(path)
        assert "proxy_pass http://portal;" in location_of(path)


def test_without_tls_no_address_is_written_down_at_all() -> None:
    """Threat: a person types the link of a mail without https, and it stands in a log."""
    assert 'set $address_for_the_log "(plain HTTP)";' in PLAIN
    assert re.findall(r"(?:access|error)_log (.*);", PLAIN) == ["/var/log/nginx/portal.log portal", "/dev/null crit"]
    assert PLAIN.count("set $") == 1


def test_nothing_leads_out_of_a_location_or_takes_another_before_it() -> None:
    lines = [line.strip() for line in SERVER.splitlines() if line.strip() and line.strip()[0] != "#"]
    assert {line.split()[0] for line in lines}.isdisjoint({"rewrite", "return", "if", "map"})
    # An answer of nginx's own alone leads to its page, which writes nothing down and has no location but for that.
    assert [line for line in lines if line.startswith(("error_page", "try_files"))] == [
        "error_page 502 503 504 /unreachable.html;",
        "error_page 500 =503 /unreachable.html;",
        "try_files /unreachable$in_language.html =404;",
        "error_page 400 403 405 414 /refused.html;",
        "error_page 413 /too-large.html;",
        "try_files /refused$in_language.html =404;",
        "try_files /too-large$in_language.html =404;",
        "try_files $uri @portal;",
    ]
    assert "try_files" in LOCATIONS["/static/"]
    for page in ("= /unreachable.html", "= /refused.html", "= /too-large.html"):
        assert "internal;" in OTHERS[page]
        assert "error_log /dev/null crit;" in OTHERS[page]
        assert "set $" not in OTHERS[page] + OTHERS["@portal"]
    assert len(LOCATIONS) + len(OTHERS) == SERVER.count("\n    location ")


def test_every_address_comes_with_the_headers_that_the_portal_reads() -> None:
    for name, value in {"Host": "$host", "X-Forwarded-For": "$remote_addr", "X-Forwarded-Proto": "$scheme"}.items():
        assert f"    proxy_set_header {name} {value};" in OF_ALL
    # nginx drops those of the server where a location sets one of its own.
    assert not [start for start, said in (LOCATIONS | OTHERS).items() if "proxy_set_header" in said]


def test_the_proxy_compresses_nothing() -> None:
    """Threat: the length of a compressed page tells whether a guess stands on it beside a secret (BREACH).

    Debian's nginx.conf compresses pages; the portal compresses what may be. Static files are compressed on the disk.
    """
    assert re.findall(r"^    gzip (.*);", OF_ALL, re.MULTILINE) == ["off"]
    assert [start for start, said in (LOCATIONS | OTHERS).items() if "gzip" in said or "brotli" in said] == ["/static/"]
    assert not re.search(r"\b(gzip|brotli) on;", SERVER)


def test_what_tells_of_the_portals_state_is_for_its_own_network() -> None:
    """Threat: a stranger reads how many log in, and watches the portal while they attack it."""
    for own in (LOCATIONS["/health/"], OTHERS["= /metrics"]):
        assert re.findall(r"(allow|deny) (\S+);", own) == [("allow", "127.0.0.1"), ("deny", "all")]


def test_a_form_is_never_sent_a_second_time() -> None:
    """Threat: a portal that is stopped in the middle of a form gets it twice, and counts two wrong passwords."""
    assert re.findall(r"proxy_next_upstream (.*);", CONFIGURATION) == ["error timeout"]
    # On a connection that an instance closes as it stops a form would be lost (python -m bench.no_downtime).
    upstream = re.search(r"^upstream portal \{\n(.*?)^\}", CONFIGURATION, re.DOTALL | re.MULTILINE)
    assert upstream
    assert not re.search(r"^\s*keepalive", upstream[1], re.MULTILINE)
    assert re.findall(r"^    server (.*);", CONFIGURATION, re.MULTILINE) == [
        "127.0.0.1:8000 max_fails=0",
        "127.0.0.1:8001 max_fails=0",
    ]


def test_no_answer_of_a_page_is_written_to_the_proxys_disk() -> None:
    """Threat: a reader of the proxy's disk reads personal data, or a page with a link's form on it."""
    assert "proxy_max_temp_file_size 0;" in OF_ALL
    assert "proxy_intercept_errors" not in re.sub(r"#.*", "", CONFIGURATION)


def test_one_address_takes_more_than_a_form_and_as_much_as_the_portal_takes_there() -> None:
    (path,) = settings.LARGER_BODIES
    own = re.search(rf"^    location = {path} \{{\n(.*?)^    \}}", SERVER, re.DOTALL | re.MULTILINE)
    assert own
    # No more either: what is passed on as it comes, and refused by the portal, ends in a page of nginx's own.
    assert f"client_max_body_size {settings.LARGER_BODIES[path] // 1024}k;" in own[1]
    assert "set $address_for_the_log $uri;" in own[1]
    assert len(re.findall("client_max_body_size", CONFIGURATION)) == 2


def test_that_address_alone_is_passed_on_as_it_comes_so_that_no_file_of_people_is_on_the_proxys_disk() -> None:
    (path,) = settings.LARGER_BODIES
    assert re.findall(r"location = (\S+) \{[^}]*proxy_request_buffering off;", CONFIGURATION) == [path]
    assert CONFIGURATION.count("proxy_request_buffering off;") == 1
