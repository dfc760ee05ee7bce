"""One run of a series: the crawl of an open one, and its report.

Takes   a profile, a home, and what the command asks.
Gives   the report of the contract.
Writes  by way of Recorder the WARC and the ledger; at the end the text files and the CDXJ of the series.

    open (opening.py: lock -> recover -> fold) -> crawl -> derive
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import signal
import uuid
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.errors import DiskError, IntegrityError, LianzaiError, ServiceError, SiteError
from archive.events import emit
from archive.lazy import importing

from .frontier import Frontier, Options, Order
from .opening import OpenSeries
from .recorder import Recorder, now
from .request import Headers
from .scope import Scope
from .sources import scope_of

if TYPE_CHECKING:
    from .spider import Plan, Progress, SeriesSpider

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Outcome:
    """What came of the run of one series. kept: articles captured so far. stopped: the signal that ended it, or None."""

    report: dict[str, Any]
    run: str
    kept: int = 0
    requests: int = 0
    responses: int = 0
    bytes: int = 0
    new_bytes: int = 0
    paths: list[Path] = field(default_factory=list)
    error: BaseException | None = None
    stopped: int | None = None


class SeriesRun(OpenSeries):
    """One series, open for a run of the spider."""

    def scope(self) -> Scope:
        """Give the scope of the run."""
        return scope_of(self.profile, self.source)

    def addresses(self) -> tuple[str, ...]:
        """Give the addresses that the source names."""
        return (*self.source.seeds(), *(entry.url for entry in self.source.entries()))

    def frontier(self, options: Options) -> Frontier:
        """Give the frontier of the run."""
        fold = self.intake.fold
        return Frontier(self.profile, fold.state, self.scope(), options, now(), fold.rules.max_lists)

    def planned(self, options: Options) -> list[Order]:
        """Say what a run would ask for first, without asking: the lists, and the articles that are due by what is known.

        What is put down for that is never saved.
        """
        self.intake.fold.begin("dry-run", now(), "", self.source.seeds(), self.source.entries())
        frontier = self.frontier(options)
        return frontier.start() + frontier.due_anyway()

    async def crawl(self, options: Options, progress: Progress | None, signals: Signals) -> Outcome:
        """Crawl once. Errors that ended it early are in the outcome: what was fetched before is kept."""
        run = f"{now():%Y%m%d%H%M%S}-{uuid.uuid4().hex[:8]}"
        recorder = Recorder(self.folder, self.profile, self.rows, self.intake)
        recorder.begin(run)
        emit(log, logging.INFO, "run.started", series=self.series, run=run)
        frontier = self.frontier(options)
        plan = self._plan(frontier, recorder, progress)
        plan.halted = lambda: signals.caught is not None
        spider = await self._spider(plan, signals)
        outcome = _outcome_name(spider, recorder)
        report = self._end(recorder, spider, outcome, frontier.skipped.report())
        done = Outcome(
            report=report,
            run=run,
            kept=sum(1 for a in self.intake.fold.state.articles.values() if a.revisions),
            requests=spider.done,
            responses=recorder.responses,
            bytes=recorder.bytes,
            new_bytes=recorder.new_bytes,
            paths=recorder.paths,
            error=spider.error,
            stopped=signals.caught,
        )
        if outcome == "unreachable":
            done.error = SiteError(_unreachable(report), action=f"lianzai crawl {self.series}, later")
        if self.damaged and done.error is None:
            done.error = IntegrityError("; ".join(self.damaged), action="lianzai verify")
        emit(log, logging.INFO, "run.finished", series=self.series, run=run, outcome=outcome, **_short(report))
        return done

    def _end(
        self, recorder: Recorder, spider: SeriesSpider, outcome: str, skipped: list[dict[str, Any]]
    ) -> dict[str, Any]:
        """End the run and give its report; a disk that refuses even that is told in it, and the next run settles it."""
        try:
            report = recorder.end(outcome, skipped, spider.done)
            self.derive()
        except (DiskError, ServiceError) as error:  # ServiceError: the database that holds the ledger
            spider.error = spider.error or error
            report = self.intake.report({"skipped": skipped})
        if isinstance(spider.error, DiskError):
            report["failed"].append({"url": self.folder.as_uri(), "reason": "disk", "detail": spider.error.message})
        return report

    def _plan(self, frontier: Frontier, recorder: Recorder, progress: Progress | None) -> Plan:
        from .spider import Plan

        state, headers = self.intake.fold.state, Headers(self.profile, self.addresses())
        return Plan(self.profile, self.scope(), state, frontier, recorder, headers, progress, self.home.hosts)

    async def _spider(self, plan: Plan, signals: Signals) -> SeriesSpider:
        from scrapy.crawler import Crawler

        from .settings import crawl_settings
        from .spider import SeriesSpider

        fetch = self.profile.fetch
        settings = crawl_settings(
            delay=fetch.delay,
            concurrency=fetch.concurrency,
            timeout=fetch.timeout,
            max_body=fetch.max_body,
            user_agent=fetch.user_agent,
        )
        crawler = Crawler(SeriesSpider, settings)
        signals.on_stop = lambda: _stop(crawler)
        if signals.caught is None:
            await crawler.crawl_async(plan=plan)
        return spider_of(crawler)


def _stop(crawler: Any) -> None:
    """End the run early; before there is a spider, its plan tells it not to begin."""
    from .spider import SeriesSpider

    if isinstance(crawler.spider, SeriesSpider):
        crawler.spider.stop("stopped")


def spider_of(crawler: Any) -> SeriesSpider:
    """Give the spider of a crawler that has run. Raises LianzaiError where Scrapy could not start it."""
    from .spider import SeriesSpider

    if not isinstance(crawler.spider, SeriesSpider):
        raise LianzaiError("the crawl could not be started")
    return crawler.spider


def _outcome_name(spider: SeriesSpider, recorder: Recorder) -> str:
    if spider.outcome is not None:
        return spider.outcome
    return "unreachable" if spider.requests and not recorder.responses else "done"


def _unreachable(report: dict[str, Any]) -> str:
    failed = report["failed"]
    first = f"{failed[0]['url']}: {failed[0]['reason']}: {failed[0]['detail']}" if failed else "no address answered"
    return f"{report['id']}: the site cannot be reached: {first}"


def _short(report: dict[str, Any]) -> dict[str, Any]:
    names = ("found", "captured", "unchanged", "revised", "withdrawn", "restored", "expected", "missing", "complete")
    return {name: report[name] for name in names} | {"failed": len(report["failed"]), "skipped": len(report["skipped"])}


class Signals:
    """SIGINT and SIGTERM end the run that is going on; a second one ends the process as it is.

    Between two runs, while a lock is waited for or records are read again, the process's own handlers hold: no turn of the
    loop comes then.
    """

    def __init__(self) -> None:
        self.caught: int | None = None
        self.on_stop: Callable[[], None] | None = None

    @contextmanager
    def heard(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """Listen for the time of one run."""
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        for number in before:
            loop.add_signal_handler(number, self._take, number, loop)
        try:
            yield
        finally:
            if self.caught is None:
                for number, handler in before.items():
                    loop.remove_signal_handler(number)
                    signal.signal(number, handler)

    def _take(self, number: int, loop: asyncio.AbstractEventLoop) -> None:
        self.caught = number
        for other in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(other)
            signal.signal(other, signal.SIG_DFL)
        if self.on_stop is not None:
            self.on_stop()


def crawl(
    runs: Iterable[Callable[[], SeriesRun]], options: Options, progress: Progress | None
) -> tuple[list[Outcome], list[LianzaiError]]:
    """Crawl several series, one after the other, in this process. It can be called once a process: a reactor starts once.

    runs: each opens its series when its turn has come, and the next is asked for when it has ended. Gives what came of each,
    and the errors of those that could not be crawled at all: such an error ends its own run only. Anything unforeseen is raised.
    """
    with importing():
        # Two modules of Scrapy look through all that is imported, once for each frame of the stack: in a callback of the loop,
        # where the first of the runs would import them, that took 0.34 s of CPU, here 0.15 s.
        importlib.import_module("scrapy.core.downloader.contextfactory")
        importlib.import_module(f"{__package__}.spider")
        from scrapy.utils.reactor import install_reactor

        from .settings import crawl_settings

    values = crawl_settings(delay=0, concurrency=1, timeout=1, max_body=1, user_agent="")
    install_reactor(values["TWISTED_REACTOR"], values["ASYNCIO_EVENT_LOOP"])
    from twisted.internet import reactor as installed

    reactor: Any = installed
    outcomes: list[Outcome] = []
    errors: list[LianzaiError] = []
    failure: list[BaseException] = []

    async def one(opened: Callable[[], SeriesRun], signals: Signals) -> None:
        try:
            run = opened()
            try:
                with signals.heard(asyncio.get_running_loop()):
                    outcomes.append(await run.crawl(options, progress, signals))
            finally:
                run.close()
        except LianzaiError as error:
            errors.append(error)

    async def all_of_them() -> None:
        signals = Signals()
        try:
            for opened in runs:
                await one(opened, signals)
                if signals.caught is not None:
                    break
        except BaseException as error:  # noqa: BLE001 - raised again below, outside the reactor
            failure.append(error)
        finally:
            reactor.stop()

    def start(work: Coroutine[Any, Any, None]) -> None:
        start.task = asyncio.ensure_future(work)  # type: ignore[attr-defined]

    # What is imported lives as long as the process; without this each full collection walks all of it (8 % of a crawl).
    # To collect before would find 15 objects of 100,000, for 0.09 s of CPU.
    gc.freeze()
    reactor.callWhenRunning(start, all_of_them())
    reactor.run(installSignalHandlers=False)
    if failure:
        raise failure[0]
    return outcomes, errors
