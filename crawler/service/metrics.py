"""What /metrics tells, in the words and units of Prometheus.

Takes   the ledger's counts, and what the service knows of itself.
Gives   the text of the exposition format.
Writes  nothing.

What the ledger tells is asked again only where the ledger changed, and not more often than each few seconds: a scrape of
10,000 series that rest costs next to nothing. Counters begin at nothing with each start of the service, as Prometheus expects.
Source: https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from .state import DURATIONS_S, State

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
STATES = ("found", "captured", "failed", "withdrawn")

# name -> (what it means, labels); docs/service.md and the files in deploy/ are held to these lists by a test.
LEDGER_GAUGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "lianzai_instalments": ("Instalments of a series by state.", ("series", "state")),
    "lianzai_expected_instalments": ("Instalments of a series when it is complete.", ("series",)),
    "lianzai_archive_bytes": ("Bytes in closed WARCs.", ("series",)),
    "lianzai_last_run_timestamp_seconds": ("Start of the last run.", ("series",)),
    "lianzai_last_success_timestamp_seconds": ("Start of the last run in which nothing failed.", ("series",)),
    "lianzai_next_run_timestamp_seconds": ("Next run by the schedule.", ("series",)),
    "lianzai_overdue": ("1 where a new instalment is late.", ("series",)),
    "lianzai_paused": ("1 while the series is paused.", ("series",)),
    "lianzai_blocked_until_timestamp_seconds": ("Up to when the site wants to be left alone.", ("series",)),
    "lianzai_pending_uploads": ("Files that the object store lacks.", ()),
}
LIVE_GAUGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "lianzai_running": ("1 while the service crawls the series, 0 when it has.", ("series",)),
    "lianzai_profile_refused": ("1 where the kept profile is wrong.", ("series",)),
    "lianzai_failing": ("1 where the last run went wrong.", ("series", "reason")),
    "lianzai_waiting_runs": ("Runs that are due and wait for room.", ()),
    "lianzai_jobs": ("Crawls that may run at once.", ()),
    "lianzai_blocked_hosts": ("Hosts that are to be left alone for now.", ()),
    "lianzai_disk_free_bytes": ("Bytes free on the disk of the home.", ()),
    "lianzai_disk_least_bytes": ("Bytes that are to stay free (fetch.min_free).", ()),
    "lianzai_damaged_files": ("Files that were not as written when they were hashed last.", ()),
    "lianzai_oldest_verification_timestamp_seconds": ("When the series that waits longest was hashed.", ()),
    "lianzai_start_timestamp_seconds": ("Start of the service.", ()),
}
COUNTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "lianzai_runs": ("Runs that ended, by how.", ("result",)),
    "lianzai_failures": ("What failed, by reason.", ("series", "reason")),
    "lianzai_uploads": ("Runs of upload, by how they ended.", ("result",)),
    "lianzai_notices": ("Runs of notify due, by how they ended.", ("result",)),
    "lianzai_clock_jumps": ("How often the wall clock was set.", ()),
    "lianzai_verified_bytes": ("Bytes hashed in the background.", ()),
}
HISTOGRAM = "lianzai_run_duration_seconds"
Sample = tuple[tuple[str, ...], float]


@dataclass
class Facts:
    """What the ledger tells, at one moment. Keys are series ids; times are seconds since 1970."""

    instalments: list[tuple[str, str, int]] = field(default_factory=list)
    expected: dict[str, int] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    last_run: dict[str, float] = field(default_factory=dict)
    last_ok: dict[str, float] = field(default_factory=dict)
    overdue: dict[str, bool] = field(default_factory=dict)
    paused: dict[str, bool] = field(default_factory=dict)
    blocked_until: dict[str, float] = field(default_factory=dict)
    next_run: dict[str, float] = field(default_factory=dict)
    pending_uploads: int = 0


@dataclass
class Live:
    """What the service knows besides, at one moment."""

    running: set[str] = field(default_factory=set)
    ran: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    waiting: int = 0
    blocked_hosts: int = 0
    disk_free: int = 0
    disk_least: int = 0
    damaged_files: int = 0
    verified_bytes: int = 0
    oldest_verification: float | None = None


class _Families(Collector):
    """Gives families that are made already."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """Give them."""
        return self._families


def facts_text(facts: Facts) -> bytes:
    """Write what the ledger tells.

    prometheus_client checks each of 60,000 samples as it writes it, which took half a second of each count for 10,000 series.
    """
    samples: dict[str, list[Sample]] = {
        "lianzai_instalments": [((series, state), float(number)) for series, state, number in facts.instalments],
        "lianzai_expected_instalments": _each(facts.expected),
        "lianzai_archive_bytes": _each(facts.bytes),
        "lianzai_last_run_timestamp_seconds": _each(facts.last_run),
        "lianzai_last_success_timestamp_seconds": _each(facts.last_ok),
        "lianzai_next_run_timestamp_seconds": _each(facts.next_run),
        "lianzai_overdue": _each(facts.overdue),
        "lianzai_paused": _each(facts.paused),
        "lianzai_blocked_until_timestamp_seconds": _each(facts.blocked_until),
        "lianzai_pending_uploads": _alone(facts.pending_uploads),
    }
    return "".join(_written(LEDGER_GAUGES, samples)).encode()


def _written(named: Mapping[str, tuple[str, tuple[str, ...]]], samples: Mapping[str, list[Sample]]) -> Iterator[str]:
    """Write gauges in the text format, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/)."""
    for name, (meaning, labels) in named.items():
        yield f"# HELP {name} {meaning}\n# TYPE {name} gauge\n"
        for values, number in samples[name]:
            pairs = ",".join(f'{label}="{_escaped(value)}"' for label, value in zip(labels, values, strict=True))
            yield f"{name}{{{pairs}}} {number!r}\n" if pairs else f"{name} {number!r}\n"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def live_text(live: Live, state: State) -> bytes:
    """Write what the service knows, and the process of it."""
    oldest = live.oldest_verification
    samples: dict[str, list[Sample]] = {
        "lianzai_running": [((series,), float(series in live.running)) for series in sorted(live.ran | live.running)],
        "lianzai_profile_refused": [((series,), 1.0) for series in sorted(live.refused)],
        "lianzai_failing": [((series, one.reason), 1.0) for series, one in state.standing.items()],
        "lianzai_waiting_runs": _alone(live.waiting),
        "lianzai_jobs": _alone(state.jobs),
        "lianzai_blocked_hosts": _alone(live.blocked_hosts),
        "lianzai_disk_free_bytes": _alone(live.disk_free),
        "lianzai_disk_least_bytes": _alone(live.disk_least),
        "lianzai_damaged_files": _alone(live.damaged_files),
        "lianzai_oldest_verification_timestamp_seconds": [] if oldest is None else _alone(oldest),
        "lianzai_start_timestamp_seconds": _alone(state.started.timestamp()),
    }
    counted: dict[str, list[Sample]] = {
        "lianzai_runs": [((result,), float(number)) for result, number in state.runs.items()],
        "lianzai_failures": [(key, float(number)) for key, number in state.failures.items()],
        "lianzai_uploads": [((result,), float(number)) for result, number in state.uploads.items()],
        "lianzai_notices": [((result,), float(number)) for result, number in state.notices.items()],
        "lianzai_clock_jumps": _alone(state.clock_jumps),
        "lianzai_verified_bytes": _alone(live.verified_bytes),
    }
    own = [*_gauges(LIVE_GAUGES, samples), *_counters(counted), _durations(state)]
    return _text(own, ProcessCollector(registry=None), PlatformCollector(registry=None))


def _each(values: Mapping[str, float]) -> list[Sample]:
    return [((series,), float(number)) for series, number in values.items()]


def _alone(number: float) -> list[Sample]:
    return [((), float(number))]


def _gauges(named: Mapping[str, tuple[str, tuple[str, ...]]], samples: Mapping[str, list[Sample]]) -> list[Metric]:
    families: list[Metric] = []
    for name, (meaning, labels) in named.items():
        gauge = GaugeMetricFamily(name, meaning, labels=labels)
        for values, number in samples[name]:
            gauge.add_metric(values, number)
        families.append(gauge)
    return families


def _counters(samples: Mapping[str, list[Sample]]) -> list[Metric]:
    families: list[Metric] = []
    for name, (meaning, labels) in COUNTERS.items():
        counter = CounterMetricFamily(name, meaning, labels=labels)
        for values, number in samples[name]:
            counter.add_metric(values, number)
        families.append(counter)
    return families


def _durations(state: State) -> Metric:
    bounds = [*map(float, DURATIONS_S), float("inf")]
    sums = accumulate(state.durations[bound] for bound in bounds)
    buckets = [
        ("+Inf" if bound == float("inf") else str(bound), float(n)) for bound, n in zip(bounds, sums, strict=True)
    ]
    return HistogramMetricFamily(HISTOGRAM, "How long runs took.", buckets=buckets, sum_value=state.seconds)


def _text(families: Iterable[Metric], *more: Collector) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    for collector in (_Families(families), *more):
        registry.register(collector)
    return generate_latest(registry)


class Kept:
    """A text that is made again only where something changed, and not more often than each so many seconds."""

    def __init__(self, make: Callable[[], bytes], each_s: float, longest_s: float) -> None:
        """longest_s: after which it is made again anyhow, for what changes by time alone."""
        self._make, self._each_s, self._longest_s = make, each_s, longest_s
        self._mark: object = None
        self._made_at = float("-inf")
        self.text = b""

    def get(self, mark: object, steady: float) -> bytes:
        """Give the text. mark: another one where something changed. steady: seconds of the steady clock."""
        age = steady - self._made_at
        if age >= self._longest_s or (mark != self._mark and age >= self._each_s):
            self.text = self._make()
            self._mark, self._made_at = mark, steady
        return self.text
