"""`lianzai serve`: the service.

Takes   a home, an address to listen at. Gives: nothing but its log; exit 130 or 143 by the signal that ended it.
Writes  what its crawls write, and locks/_service.json.
"""

from __future__ import annotations

import os

import click

from archive import terminal
from archive.config import Config
from archive.home import Home

GRACE_S = 900.0  # a crawl folds a large series anew before it begins, and derives its text behind it


def _usual_jobs() -> int:
    """Give as many crawls at once as there are processors, two at least: a crawl mostly waits."""
    return max(2, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2)


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port; 0: any free one.")
@click.option("--jobs", type=click.IntRange(1, 1000), help="Crawls at once; without it one a processor, at least 2.")
@click.option(
    "--grace",
    type=click.FloatRange(0),
    default=GRACE_S,
    show_default=True,
    metavar="SECONDS",
    help="Time beyond fetch.max_seconds after which a crawl counts as hung.",
)
@click.option("--name", "names", multiple=True, metavar="NAME", help="A further name by which readers reach it.")
@click.pass_obj
def command(  # its options
    config: Config, host: str, port: int, jobs: int | None, grace: float, names: tuple[str, ...]
) -> None:
    """Crawl every kept series on its schedule until a signal comes; serve the pages, /healthz, /readyz and /metrics."""
    from archive.logs import set_up
    from archive.web.application import application
    from archive.web.room import Room
    from archive.web.server import address, listen

    from ..service.service import Options, serve

    home = Home.of(config).make()
    listener = listen(host, port)
    set_up(config.log_level or "info", debug=config.debug)
    if not config.json:
        terminal.print_line(config, f"{address(listener)} serves {home.root}; end it with Ctrl-C")
    with Room(home, config.environ, config.next_fire) as room:
        pages = application(room, (host, *names))
        raise SystemExit(serve(home, config.environ, listener, Options(jobs or _usual_jobs(), grace), pages))
