"""The alert rules and the dashboard name what the code counts; a series that is renamed would let them fall silent."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from accounts import figures
from accounts.models.security_event import Event
from accounts.services import standing_figures
from esr_portal import database_figures, metrics_page, request_figures

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy" / "prometheus"
DASHBOARD = ROOT / "deploy" / "grafana" / "dashboard.json"
DOCUMENT = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
ALERTS = (RULES / "alerts.yml").read_text(encoding="utf-8")
SERIES = re.compile(r"\b(esr_[a-z_]+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'([a-z_]+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"')
BY = re.compile(r"\bby \(([^)]*)\)")
# Prometheus itself gives each series these.
OF_PROMETHEUS = {"instance", "job"}


def promtool() -> str:
    return shutil.which("promtool") or ""


def expressions_of_alerts() -> dict[str, str]:
    parts = re.split(r"- alert: (\w+)\n", ALERTS)[1:]
    found = dict(zip(parts[::2], parts[1::2], strict=True))
    return {name: re.split(r"\n +(?:for|labels):", text)[0].partition("expr:")[2] for name, text in found.items()}


def expressions_of_the_dashboard() -> dict[str, str]:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return {f"{p['title']} {t['refId']}": t["expr"] for p in panels for t in p["targets"]}


EXPRESSIONS = expressions_of_alerts() | expressions_of_the_dashboard()


@pytest.fixture(scope="module")
def labels(django_db_setup: None, django_db_blocker: Any) -> Mapping[str, set[str]]:
    """Return what each series that the code has can be told apart by."""
    with django_db_blocker.unblock():
        return dict(_series())


def _series() -> Iterator[tuple[str, set[str]]]:
    for metric in figures.REGISTRY._collector_to_names:
        names, name = set(metric._labelnames), metric._name  # type: ignore[attr-defined]
        if metric._type == "histogram":  # type: ignore[attr-defined]
            yield from ((f"{name}{end}", names) for end in ("_sum", "_count"))
            yield f"{name}_bucket", names | {"le"}
        else:
            yield f"{name}_total" if metric._type == "counter" else name, names  # type: ignore[attr-defined]
    yield from ((name, set()) for name in (database_figures.UP, database_figures.LEFT_OUT))
    for family in (*metrics_page.Build().collect(), *(read() for read in database_figures.READ)):
        yield family.name, set(family._labelnames)


# What the code has as values, where an expression names one.
VALUES = {
    "event": set(Event.values),
    "way": {figures.PASSWORD, figures.PASSKEY, figures.CARE_IDENTITY, figures.OTHER},
    "outcome": {figures.IN, figures.REFUSED, figures.OTHER, *figures.REASONS},
    "work": {standing_figures.DECISIONS, standing_figures.MAILS, standing_figures.LONG_WORK},
    "state": {standing_figures.DUE, standing_figures.IN_HAND, standing_figures.FAILED, standing_figures.LATER},
    "part": {standing_figures.MAILS},
    "method": {*request_figures._METHODS.values()},
    "status": {"429"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_each_series_that_is_named_is_in_the_code_with_these_labels(labels: Mapping[str, set[str]], name: str) -> None:
    expression, known = EXPRESSIONS[name], set(OF_PROMETHEUS)
    found = SERIES.findall(expression)
    assert found or name == "EsrServerDown", expression
    for series, matchers in found:
        assert series in labels, series
        known |= labels[series]
        for label, value in MATCHER.findall(matchers):
            assert label in labels[series], (series, label)
            assert value in VALUES[label] if label != "page" else reverse(value), (label, value)
    for group in BY.findall(expression):
        assert {label.strip() for label in group.split(",")} <= known, expression


@pytest.mark.django_db
def test_each_series_and_each_alert_is_explained(labels: Mapping[str, set[str]]) -> None:
    stems = {re.sub(r"_(?:bucket|sum|count)$", "", name) for name in labels}
    assert not [name for name in stems if f"`{name}`" not in DOCUMENT]
    assert not [name for name in re.findall(r"`(esr_[a-z_]+)`", DOCUMENT) if name not in stems]
    alerts = set(expressions_of_alerts())
    assert alerts == set(re.findall(r"`(Esr[A-Za-z]+)`", DOCUMENT))


def test_each_alert_has_a_situation_in_which_it_rings_and_one_in_which_it_is_quiet() -> None:
    tried = re.findall(r"name: (\w+) (rings|stays quiet)", (RULES / "alerts_test.yml").read_text(encoding="utf-8"))
    assert {name: {how for each, how in tried if each == name} for name, _ in tried} == {
        name: {"rings", "stays quiet"} for name in expressions_of_alerts()
    }
    assert all("summary:" in part and "what_to_do:" in part for part in ALERTS.split("- alert:")[1:])


@pytest.mark.skipif(not promtool(), reason="needs promtool: apt-get install prometheus")
@pytest.mark.parametrize("command", [("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml")])
def test_promtool_takes_the_rules_and_their_tests(command: tuple[str, ...]) -> None:
    ended = subprocess.run([promtool(), *command], cwd=RULES, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.skipif(not promtool(), reason="needs promtool: apt-get install prometheus")
@pytest.mark.django_db(transaction=True)
def test_promtool_takes_what_the_page_says() -> None:
    page = metrics_page.text()
    ended = subprocess.run([promtool(), "check", "metrics"], input=page, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
