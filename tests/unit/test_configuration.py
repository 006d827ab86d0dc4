"""What the variables say: each fault is a line with an example, without the content, and all are found at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st
from pytest_django import Settings

from esr_portal import checks, configuration, server
from esr_portal.configuration import Configuration
from tests.support.portal import SAFE

KEY, STEP_KEY = SAFE["SECRET_KEY"], SAFE["SECOND_STEP_KEYS"]
DATABASE = "postgres://portal:hunter2@db.example.nhs.uk:5432/esr"
MAIL = "smtps://portal:hunter2@mail.example.nhs.uk:465"
GOOD = SAFE | {
    "FROM_EMAIL": "ESR Portal <no-reply@esr.example.nhs.uk>",
    "DATABASE_URL": f"{DATABASE}?sslmode=verify-full",
    "EMAIL_URL": MAIL,
    "TRUSTED_PROXIES": "10.0.0.5",
    "OPERATOR_NAME": "the ESR team of Northern Hospitals",
    "OPERATOR_EMAIL": "esr-team@esr.example.nhs.uk",
}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def read(state: Path, **change: str | None) -> Configuration:
    """Return the configuration of a good production with some variables changed; None takes one away."""
    variables = GOOD | {"STATE_DIR": str(state)} | change
    return configuration.read({n: value for n, value in variables.items() if value is not None}, base=state)


def codes(found: Configuration) -> list[str]:
    return [fault.code for fault in found.faults]


def test_a_good_configuration_has_no_fault(state: Path) -> None:
    assert read(state).faults == ()
    demo = configuration.read({"DEMO": "1", "STATE_DIR": str(state)}, base=state)
    assert (demo.faults, demo.demo, demo.addresses.base_url) == ((), True, "http://localhost:8000")


# What is in each is made up, and "hunter2" stands where a secret would.
FAULTS: list[tuple[dict[str, str], str, str]] = [
    *[({"ALLOWED_HOSTS": hosts}, "E027", "ALLOWED_HOSTS=esr.example.nhs.uk") for hosts in (
        "esr.example.nhs.uk,localhost:8000", "esr.example.nhs.uk,https://hunter2.nhs.uk", "*.nhs.uk,esr.example.nhs.uk",
        "esr.example.nhs.uk,hunter2.nhs.uk/esr", "esr.example.nhs.uk,::1", "esr.example.nhs.uk,hunter2.nhs.uk.",
        "esr.example.nhs.uk;localhost,esr.example.nhs.uk", "esr.example.nhs.uk,mün.example",
    )],
    ({"ALLOWED_HOSTS": "hunter2.nhs.uk"}, "E028", "host name of BASE_URL"),
    *[({"BASE_URL": url}, "E013", "https://esr.example.nhs.uk") for url in (
        "https://portal:hunter2@esr.example.nhs.uk", "https://hunter2@esr.example.nhs.uk",
        "https://esr.example.nhs.uk:hunter2", "https://esr.example.nhs.uk:0", "https://[hunter2", "esr.example.nhs.uk",
        "https://esr.example.nhs.uk?hunter2", "https://esr.example.nhs.uk#hunter2",
    )],
    *[({"TRUSTED_PROXIES": proxies}, code, "10.0.0.5") for proxies, code in (
        ("0.0.0.0/1,128.0.0.0/1", "E002"), ("::/1, 8000::/1", "E002"), ("2000::/3", "E002"), ("::/0", "E002"),
        ("::ffff:0:0/96", "E002"), ("10.0.0.5,0.0.0.0/2", "E002"), ("64.0.0.0/5,72.0.0.0/5", "E002"),
        ("hunter2", "E001"), ("10.0.0.5/24", "E001"), ("10.0.0.5:80", "E001"), ("*", "E001"),
    )],
    *[({"FROM_EMAIL": sender}, "E029", '"ESR Portal, Northern Hospitals"') for sender in (
        "ESR Portal, Northern Hospitals <hunter2@esr.example.nhs.uk>", "ESR Portal", "ESR <hunter2@localhost>",
        "hunter2@esr.example.nhs.uk, ESR@esr.example.nhs.uk", "ESR <hunter2@esr.nhs.example>", "ESR <hunter2@nhs.uk",
        "ESR Portal\n <hunter2@esr.example.nhs.uk>", "ESR @ hunter2 <no-reply@esr.example.nhs.uk>",
        "<", "hunter2 <", "<@", '"hunter2', "(hunter2", "[", ":;", ",.:<>", "a:.<a@b.", "a\\@[\t",
    )],
    *[({"OPERATOR_EMAIL": address}, "E055", "esr-team@northern.nhs.uk") for address in (
        "hunter2", "ESR team <hunter2@northern.nhs.uk>", "hunter2@northern.nhs.uk,esr@northern.nhs.uk",
        "mailto:hunter2@northern.nhs.uk?bcc=x", "hunter2@nhs.example", "hunter2@northern.nhs.uk\nX: y",
        "hunter2@localhost",
    )],
    *[({"OPERATOR_NAME": name}, "E054", "Northern Hospitals") for name in (
        "hunter2\nx", "hunter2@northern.nhs.uk", "https://hunter2.nhs.uk", "hunter2 " * 20, "hun\u202eter2",
        "hunter2 <b>",
    )],
    *[({"EMAIL_URL": url}, code, "smtp") for url, code in (
        ("smtp://", "E050"), ("smtps://portal:hunter2@:465", "E050"), ("smtps://portal:hunter2@mail:port", "E050"),
        ("smtps://portal:hun/ter2@mail.nhs.uk", "E050"), ("smtps://portal:1#hunter2@mail.nhs.uk", "E050"),
        ("smtps://portal:1?hunter2@mail.nhs.uk", "E050"), ("mail.nhs.uk", "E050"), ("hunter2://mail.nhs.uk", "E050"),
        ("smtps://portal:hunter2@[::1", "E050"), ("smtp://mail.nhs.uk:0", "E050"), ("consolemail://", "E017"),
        ("smtp://portal:hunter2@mail.nhs.uk:25", "E051"), ("smtp://10.0.0.9", "E051"),
        ("smtp://mail.nhs.uk?tls=hunter2", "E051"), ("smtp://mail.nhs.uk?email_use_tls=false", "E051"),
    )],
    *[({"DATABASE_URL": url}, code, "sslmode=verify-full") for url, code in (
        ("postgres://portal:hun/ter2@db.nhs.uk/esr", "E052"), ("postgres://portal:1#hunter2@db.nhs.uk/esr", "E052"),
        ("postgres://portal:1?hunter2@db.nhs.uk/esr", "E052"), ("postgres://portal:hunter2@db.nhs.uk:x/esr", "E052"),
        ("postgres://portal:hunter2@[::1/esr", "E052"), ("postgres://portal:hunter2@db.nhs.uk/", "E052"),
        ("hunter2://db.nhs.uk/esr", "E052"), ("db.nhs.uk", "E052"), (f"{DATABASE}?sslmode=verify_full", "E052"),
        (f"{DATABASE}?sslmode=require&hunter2=1", "E052"), ("sqlite://", "E052"), ("sqlite://:memory:", "E052"),
        ("sqlite:////nowhere/hunter2.sqlite3", "E052"), ("sqlite://hunter2/esr.sqlite3", "E052"),
        (DATABASE, "E053"), (f"{DATABASE}?sslmode=prefer", "E053"), ("postgres://10.0.0.9/esr", "E053"),
        ("postgres:///esr?host=hunter2.nhs.uk", "E053"), ("postgres://localhost,hunter2.nhs.uk/esr", "E053"),
        ("postgres:///esr?service=hunter2", "E053"), ("sqlite:////tmp", "E052"), (f"{DATABASE}?pool=true", "E052"),
        (f"{DATABASE}?autocommit=false", "E052"), (f"{DATABASE}?ATOMIC_REQUESTS=1", "E052"),
        ("sqlite:////tmp/esr.sqlite3?conn_max_age=hunter2", "E052"),
        (f"{DATABASE}?pool=hunter2", "E052"), ("sqlite:////tmp/esr.sqlite3?pool=transaction", "E052"),
        *[(f"{DATABASE}?pool=transaction&{name}=hunter2", "E052") for name in ("assume_role", "options")],
        (f"{DATABASE}?isolation_level=hunter2", "E052"), (f"{DATABASE}?connect_timeout=hunter2", "E052"),
    )],
    ({"PGPORT": "hunter2"}, "E052", "DATABASE_URL"),
    ({"DATABASE_URL": "postgres:///esr", "PGHOST": "hunter2.nhs.uk"}, "E053", "sslmode=verify-full"),
    *[({"SECRET_KEY_FALLBACKS": keys}, "E026", "50 or more") for keys in ("hunter2", f"{KEY},hunter2", "ab" * 40)],
    *[({"SECRET_KEY": key}, "E011", "50 or more random") for key in ("hunter2", KEY[:49], "ab" * 40)],
    ({"SECRET_KEY": f"django-insecure-{KEY}"}, "E012", "of your own"),
    *[({"SECOND_STEP_KEYS": keys}, "E061", "the newest first") for keys in ("ab" * 40, f"{STEP_KEY},hunter2")],
    ({"SECOND_STEP_KEYS": f"{STEP_KEY}, {KEY}"}, "E062", "a key of its own"),
    ({"SECOND_STEP_KEYS": KEY[::-1], "SECRET_KEY_FALLBACKS": KEY[::-1]}, "E062", "a key of its own"),
    ({"SECOND_STEP_KEYS": ""}, "E060", "50 or more random characters"),
    ({"BASE_URL": "http://esr.example.nhs.uk"}, "E013", "https:// address"),
    ({"BASE_URL": "https://esr.example.nhs.uk/hunter2"}, "E013", "without a path"),
    ({"ALLOWED_HOSTS": "*"}, "E015", "List the host names"),
    ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "E002", "your own proxies"),
    *[({"DEMO": word}, "E021", "DEMO=0") for word in ("maybe", "2", "hunter2", "-1", "None")],
    *[({"PORT": port}, "E022", "PORT=8000") for port in ("hunter2", "0", "65536", "-1", "8000/tcp", "８０００")],
    *[({f"GRANIAN_{name}": value}, "E023", example) for name, value, example in (
        ("WORKERS", "hunter2", "whole number"), ("WORKERS", "0", "whole number"), ("HTTP", "hunter2", "auto, 1, 2"),
        ("WEBSOCKETS", "hunter2", "true or false"), ("LOG_LEVEL", "hunter2", "warning"), ("BACKLOG", "x", "like 1024"),
        ("SSL_CERTIFICATE", "/nowhere/hunter2", "path"), ("PORT", "8001", "PORT=8000"), ("INTERFACE", "asgi", "wsgi"),
        ("WORKERS_KILL_TIMEOUT", "hunter2", "seconds"), ("LOG_ACCESS_ENABLED", "true", "proxy"),
        *[("HOST", host, "an address") for host in ("hunter2", "300.1.1.1", "[::1]", "localhost")],
        ("UDS", "/run/hunter2", "PORT"), ("FACTORY", "true", "Leave it out"),
    )],
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "example"), FAULTS)
def test_a_fault_is_a_line_with_an_example_and_without_the_content(
    state: Path, change: dict[str, str], code: str, example: str
) -> None:
    """Threat: what passes and then breaks the site or opens it; a password in the log of a start that failed."""
    (fault,) = read(state, **change).faults
    assert (fault.code, fault.is_warning) == (code, False)
    assert fault.what.startswith(next(iter(change)))
    assert example in fault.example
    assert "hunter2" not in str(fault)
    assert "\n" not in str(fault)


def test_all_faults_are_found_at_once(state: Path) -> None:
    first = {next(iter(change)): change for change, _, _ in FAULTS}
    wrong = {name: value for change in first.values() for name, value in change.items() if name != "DATABASE_URL"}
    found = read(state, **wrong, DATABASE_URL="hunter2")
    for name in wrong:
        assert any(name in fault.what for fault in found.faults) or name.startswith("PG"), name
    assert "hunter2" not in repr(found.faults)


def test_missing_ones_are_named(state: Path) -> None:
    found = configuration.read({"STATE_DIR": str(state)}, base=state)
    refused = [fault.what for fault in found.faults if not fault.is_warning]
    operator = ("OPERATOR_NAME", "OPERATOR_EMAIL")
    names = ("SECRET_KEY", "SECOND_STEP_KEYS", "BASE_URL", "ALLOWED_HOSTS", "EMAIL_URL", *operator)
    assert sorted(refused) == sorted(f"{name} is not set." for name in names)
    assert configuration.read(dict.fromkeys(GOOD, "") | {"STATE_DIR": str(state)}, base=state).faults == found.faults


@pytest.mark.parametrize(
    ("variable", "code"), [("FROM_EMAIL", "W003"), ("DATABASE_URL", "W002"), ("TRUSTED_PROXIES", "W001")]
)
def test_what_will_not_do_for_most_is_a_warning(state: Path, variable: str, code: str) -> None:
    """`check --deploy` names them; an installation that starts with them today goes on starting."""
    (fault,) = read(state, **{variable: None}).faults
    assert (fault.code, fault.is_warning) == (code, True)
    assert variable in fault.what


def test_warnings_are_for_check_deploy_and_the_log(
    state: Path, settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CONFIGURATION_FAULTS = read(state, FROM_EMAIL=None, PORT="x").faults
    assert [fault.id for fault in checks.variables_are_safe(None)] == ["esr_portal.E022"]
    assert [fault.id for fault in checks.variables_are_wise(None)] == ["esr_portal_advice.W003"]
    monkeypatch.setattr(checks, "run_checks", lambda **_: checks.variables_are_safe(None))
    said = checks.what_keeps_from_starting()
    assert said == ["Cannot start: PORT is no port. Put a number from 1 to 65535 there, like PORT=8000."]
    assert "FROM_EMAIL is not set" in caplog.text


def test_without_from_email_mails_come_from_a_domain_that_exists(state: Path) -> None:
    assert read(state, FROM_EMAIL=None).mail.sender == "ESR Portal <no-reply@esr.example.nhs.uk>"


@pytest.mark.parametrize("name", ["GRANIAN_SSL_CERTIFICATE", "GRANIAN_SSL_KEYFILE"])
def test_half_of_what_tls_needs_is_a_fault(state: Path, name: str) -> None:
    """Threat: the portal believes to be asked over TLS, and sends each page on to itself or out in clear."""
    (fault,) = read(state, **{name: __file__}).faults
    assert fault.code == "E023"
    assert fault.what.startswith(name)


@pytest.mark.parametrize("host", ["::1", "0.0.0.0", "::", ""])  # noqa: S104 - nothing listens.
def test_the_server_may_listen_on_each_address(state: Path, host: str) -> None:
    assert read(state, GRANIAN_HOST=host).faults == ()


def test_a_server_that_ends_tls_itself_needs_no_proxy(state: Path) -> None:
    (state.parent / "key.pem").touch()
    own = dict.fromkeys(("GRANIAN_SSL_CERTIFICATE", "GRANIAN_SSL_KEYFILE"), str(state.parent / "key.pem"))
    assert read(state, TRUSTED_PROXIES=None, **own).faults == ()


@pytest.mark.parametrize(
    "change",
    [
        {"ALLOWED_HOSTS": "localhost, esr.example.nhs.uk ,"},
        {"ALLOWED_HOSTS": ".example.nhs.uk,[::1],127.0.0.1"},
        {"ALLOWED_HOSTS": "ESR.Example.NHS.uk"},
        {"BASE_URL": "https://esr.example.nhs.uk:8443/"},
        {"BASE_URL": "HTTPS://ESR.example.nhs.uk"},
        {"BASE_URL": "https://[2001:db8::7]", "ALLOWED_HOSTS": "[2001:db8::7]"},
        {"TRUSTED_PROXIES": "10.0.0.5, 10.1.0.0/24 , 2001:db8::/32,::ffff:10.2.0.0/112"},
        # Private networks whole, and as many addresses as the largest content networks have.
        {"TRUSTED_PROXIES": "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7,104.16.0.0/13,13.32.0.0/12,3.0.0.0/8"},
        {"FROM_EMAIL": "no-reply@esr.example.nhs.uk"},
        {"FROM_EMAIL": '"ESR Portal, Northern Hospitals" <no-reply@esr.example.nhs.uk>'},
        {"FROM_EMAIL": "Porth ESR Siân a’r Tŷ <no-reply@esr.example.nhs.uk>"},
        {"EMAIL_URL": "smtp+tls://portal:hunter%232@mail.nhs.uk:587"},
        {"EMAIL_URL": "smtp://mail.nhs.uk:587?EMAIL_USE_TLS=True"},
        {"EMAIL_URL": "smtp://10.0.0.9:25?tls=none"},
        {"EMAIL_URL": "smtp://localhost"},
        {"EMAIL_URL": "smtp://[::1]:25"},
        {"EMAIL_URL": f" {MAIL}\r"},
        {"EMAIL_URL": "$MAIL_SERVER", "MAIL_SERVER": MAIL},
        {"DATABASE_URL": f"{DATABASE}?sslmode=require"},
        {"DATABASE_URL": f"{DATABASE}?sslmode=disable"},
        {"DATABASE_URL": DATABASE, "PGSSLMODE": "verify-full"},
        {"DATABASE_URL": "postgresql://portal:hunter2@127.0.0.1/esr"},
        {"DATABASE_URL": "postgres:///esr"},
        {"DATABASE_URL": "postgres://portal:@/esr?host=/var/run/postgresql"},
        {"DATABASE_URL": "sqlite:////tmp/esr.sqlite3"},
        {"DATABASE_URL": "sqlite:////tmp/esr.sqlite3?conn_max_age=60"},
        {"DATABASE_URL": f"{DATABASE}?sslmode=require&conn_max_age=60&disable_server_side_cursors=true"},
        {"DATABASE_URL": f"{DATABASE}?sslmode=require&pool=transaction"},
        {"SECRET_KEY_FALLBACKS": f"{KEY[::-1]}, {KEY.upper()}"},
        {"SECRET_KEY": f"${KEY}", "SECOND_STEP_KEYS": f"{STEP_KEY[::-1]}, {STEP_KEY} ,"},
        {"DEMO": ""},
        {"DEMO": "False"},
        {"PORT": " 8080 "},
        {"GRANIAN_WORKERS": "4", "GRANIAN_HOST": "::", "GRANIAN_WORKERS_LIFETIME": "6h", "GRANIAN_PORT": "8000"},
        {"GRANIAN_LOG_ACCESS_ENABLED": "true", "GRANIAN_LOG_ACCESS_FMT": "%(method)s %(status)d"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_safe_starts(state: Path, change: dict[str, str]) -> None:
    assert read(state, **change).faults == ()


def test_what_is_read_is_what_was_meant(state: Path) -> None:
    found = read(
        state,
        ALLOWED_HOSTS="localhost, esr.example.nhs.uk ,",
        BASE_URL="https://ESR.example.nhs.uk:8443/",
        TRUSTED_PROXIES=" 10.0.0.5, ::ffff:10.2.0.0/112",
        EMAIL_URL="SMTPS://po%40rtal:hunter%232@mail.nhs.uk",
    )
    assert found.addresses.allowed_hosts == ["localhost", "esr.example.nhs.uk"]
    assert found.addresses.base_url == "https://ESR.example.nhs.uk:8443"
    # As a browser sends it in Origin.
    assert found.addresses.origin == "https://esr.example.nhs.uk:8443"
    assert found.addresses.tls_host == "esr.example.nhs.uk:8443"
    assert found.addresses.trusted_proxies == ["10.0.0.5/32", "10.2.0.0/16"]
    mail = found.mail
    assert (mail.host, mail.port, mail.use_ssl, mail.use_tls) == ("mail.nhs.uk", 465, True, False)
    assert (mail.user, mail.password) == ("po@rtal", "hunter#2")
    assert read(state, BASE_URL="https://esr.example.nhs.uk:443").addresses.origin == "https://esr.example.nhs.uk"
    assert "hunter" not in repr(found.mail)


def test_malformed_variables_are_named_in_the_demo_too(state: Path) -> None:
    variables = {"DEMO": "1", "STATE_DIR": str(state), "PORT": "x", "EMAIL_URL": "x", "DATABASE_URL": "x"}
    found = configuration.read(variables, base=state)
    assert sorted(codes(found)) == ["E022", "E050", "E052"]


@given(variables=st.dictionaries(st.sampled_from(sorted(GOOD)), st.text(max_size=30) | st.sampled_from(
    ["smtp://[", "postgres://a:b@[", "//", "https://[v1.x]", "\x00", "sqlite:///\x00", "postgres://a/\x00b"]
)))  # fmt: skip
@tried(max_examples=50, deadline=None)
def test_nothing_that_a_variable_holds_ends_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, variables: Mapping[str, str]
) -> None:
    base = tmp_path_factory.getbasetemp()
    configuration.read({**variables, "STATE_DIR": str(base / "state")}, base=base)


def test_granian_is_told_what_the_operator_says_and_otherwise_what_we_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"WORKERS": "3", "BACKPRESSURE": "", "HOST": "", "PORT": ""}.items():
        monkeypatch.setenv(f"GRANIAN_{name}", value)
    told = server.environment()
    assert (told["GRANIAN_WORKERS"], told["GRANIAN_BACKPRESSURE"], told["GRANIAN_INTERFACE"]) == ("3", "1024", "wsgi")
    assert (told["GRANIAN_HOST"], told["GRANIAN_PORT"]) == ("127.0.0.1", "8000")
