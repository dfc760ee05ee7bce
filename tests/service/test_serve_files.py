"""What stands in docs/service.md and deploy/ is what the service says."""

from __future__ import annotations

import configparser
import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
import yaml

from crawler.service.children import Ended
from crawler.service.metrics import COUNTERS, HISTOGRAM, LEDGER_GAUGES, LIVE_GAUGES, Facts, Live, facts_text, live_text
from crawler.service.state import State
from scheduler import CLI, as_service

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"\blianzai_[a-z_]+")
LABELS = {name: labels for table in (LEDGER_GAUGES, LIVE_GAUGES) for name, (_, labels) in table.items()}
LABELS |= {f"{name}_total": labels for name, (_, labels) in COUNTERS.items()} | {HISTOGRAM: ("le",)}


def exposition() -> str:
    """Give /metrics of a service that has seen everything once."""
    state = State(datetime.now(UTC), jobs=2)
    report = {"series": [{"failed": [{"url": "u", "reason": "timeout", "detail": "d"}]}]}
    state.ended("a", Ended(-9, 70.0, "killed", "", None))
    state.ended("b", Ended(3, 2.0, "partial", "", report))
    state.uploads["done"] += 1
    state.notices["partial"] += 1
    facts = Facts(
        instalments=[("a", "captured", 3)], expected={"a": 4}, bytes={"a": 10}, last_run={"a": 1.0}, last_ok={"a": 1.0},
        overdue={"a": True}, paused={"a": False}, blocked_until={"a": 3.0}, next_run={"a": 2.0}, pending_uploads=1,
    )  # fmt: skip
    live = Live({"a"}, {"a", "b"}, {"c"}, oldest_verification=5.0)
    return (facts_text(facts) + live_text(live, state)).decode()


def queries() -> dict[str, str]:
    """Give every expression of the alert rules and of the dashboard, by where it stands."""
    rules = yaml.safe_load((ROOT / "deploy" / "alerts.yml").read_text("utf-8"))
    found = {f"alert {rule['alert']}": rule["expr"] for group in rules["groups"] for rule in group["rules"]}
    dashboard = json.loads((ROOT / "deploy" / "dashboard.json").read_text("utf-8"))
    return found | {
        f"panel {panel['title']} {target['refId']}": target["expr"]
        for panel in dashboard["panels"]
        for target in panel["targets"]
    }


def test_every_metric_is_given_and_no_other() -> None:
    """The lists that documents and rules are held to are what a scrape gives."""
    text = exposition()
    typed = dict(re.findall(r"^# TYPE (lianzai_\S+) (\S+)$", text, re.MULTILINE))
    given = {
        re.sub(r"_(bucket|count|sum)$", "", name) for name in re.findall(r"^(lianzai_[a-z_]+)", text, re.MULTILINE)
    }

    assert given == set(LABELS)
    assert {name for name, kind in typed.items() if kind == "counter"} == {f"{name}_total" for name in COUNTERS}
    assert typed[HISTOGRAM] == "histogram"


def test_names_are_by_the_conventions() -> None:
    """Base units, a unit as suffix, _total for counters alone. Source: prometheus.io/docs/practices/naming."""
    wrong = [
        name
        for name in LABELS
        if re.search(r"(_ms|_minutes|_kb|_mb|_percent)\b", name)
        or (name.endswith("_total") != (name.removesuffix("_total") in COUNTERS))
        or ("timestamp" in name and not name.endswith("_timestamp_seconds"))
    ]

    assert wrong == []


def test_a_histogram_counts_each_run_in_every_bucket_that_holds_it() -> None:
    """A run of 70 s is in le="120.0" and above, one of 2 s in le="3.0" and above."""
    buckets = dict(re.findall(rf'^{HISTOGRAM}_bucket{{le="([^"]+)"}} (\S+)$', exposition(), re.MULTILINE))

    assert [float(buckets[le]) for le in ("1.0", "3.0", "60.0", "120.0", "+Inf")] == [0, 1, 1, 2, 2]


def test_the_metrics_are_documented_as_they_are() -> None:
    """Whoever writes a rule reads the table."""
    table = (ROOT / "docs" / "service.md").read_text("utf-8").partition("## Metrics")[2]
    rows = re.findall(r"^\| (`lianzai_[^|]*) \|([^|]*)\|", table, re.MULTILINE)
    told = {
        name: tuple(re.findall("`([^`]+)`", labels))
        for names, labels in rows
        for name in re.findall("`([^`]+)`", names)
    }

    assert told == LABELS


@pytest.mark.parametrize("place", queries())
def test_rules_and_panels_ask_for_what_there_is(place: str) -> None:
    """A rule on a name that is not there never fires, and nobody is told."""
    expression = queries()[place]
    names = {re.sub(r"_bucket$", "", name) for name in NAME.findall(expression)}
    asked = {
        (re.sub(r"_bucket$", "", name), label)
        for name, matchers in re.findall(r"(lianzai_[a-z_]+){([^}]*)}", expression)
        for label in re.findall(r"(\w+)=", matchers)
    }

    assert names <= set(LABELS) or expression.startswith("up{")
    assert [(name, label) for name, label in asked if label not in LABELS[name]] == []
    assert expression.count("(") == expression.count(")")


def test_each_rule_says_what_to_do() -> None:
    """An alert without a next step wakes a person for nothing."""
    rules = yaml.safe_load((ROOT / "deploy" / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]

    assert [rule["alert"] for rule in rules if set(rule["annotations"]) != {"summary", "action"}] == []
    assert len({rule["alert"] for rule in rules}) == len(rules)


@pytest.mark.parametrize("path", sorted((ROOT / "deploy").glob("*.service")), ids=lambda path: path.name)
def test_units_call_commands_that_exist(path: Path) -> None:
    """The console script's own parser reads each line; the time to stop covers the 10 s of the contract."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(path.read_text("utf-8"))
    lines = re.findall(r"^ExecStart=(.*)$", path.read_text("utf-8"), re.MULTILINE)
    for line in lines:
        program, verb, *arguments = shlex.split(line.replace("%i", "qushui"))
        command = CLI.get_command(click.Context(CLI), verb)

        assert program.endswith("/bin/lianzai")
        assert command is not None
        command.make_context(verb, arguments, resilient_parsing=True)
    assert lines
    assert int(unit["Service"]["TimeoutStopSec"]) > 10
    assert unit["Service"]["KillMode"] == "mixed"


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        ([], ["serve"]),
        (["--port", "0"], ["serve", "--port", "0"]),
        (["--home", "h", "--json"], ["serve", "--home", "h", "--json"]),
        (["--home=h", "--host", "::1"], ["serve", "--home=h", "--host", "::1"]),
        (["--help"], ["--help"]),
        (["--home", "h", "status"], ["--home", "h", "status"]),
        (["crwal"], ["crwal"]),
    ],
)
def test_the_front_door_by_its_file_is_the_service(arguments: list[str], meant: list[str]) -> None:
    """`python scheduler.py` is `lianzai serve`; with a command it is that command."""
    assert as_service(arguments) == meant
