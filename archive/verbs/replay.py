"""`lianzai replay`: the reading room, without the schedules.

Takes   the home. Gives: nothing but its address; exit 130 or 143 by the signal that ended it. Writes nothing.
"""

from __future__ import annotations

import click

from .. import terminal
from ..config import Config
from . import found_or_made


@click.command("replay")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port; 0: any free one.")
@click.option("--name", "names", multiple=True, metavar="NAME", help="A further name by which readers reach it.")
@click.pass_obj
def command(config: Config, host: str, port: int, names: tuple[str, ...]) -> None:
    """Serve the pages and the replay of the home until a signal comes."""
    from ..web.application import application
    from ..web.room import Room
    from ..web.server import address, listen, serve

    with Room(found_or_made(config), config.environ, config.next_fire) as room, listen(host, port) as listener:
        if config.json:
            terminal.print_json({"url": address(listener)})
        else:
            terminal.print_line(config, f"{address(listener)} serves {config.home}; end it with Ctrl-C")
        serve(application(room, (host, *names)), listener)
