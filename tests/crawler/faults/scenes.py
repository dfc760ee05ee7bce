"""What runs when a fault comes: a command, on a home in some state.

Takes   a folder.
Gives   scenes; a Stage, which knows for each of them the home at its beginning and what it comes to without any fault.
Writes  homes below its folder.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desk import Crawled, Desk, ended, profile_text

from crawler.demo.newspaper import Newspaper
from crawler.demo.server import Server
from crawler.demo.site import Site
from crawler.demo.text import instalments

from .checks import story
from .injector import Injector, Rule
from .older import make_older
from .stored import STORE, store_of

SMALL = ("郑州", "开封", "洛阳", "安阳")  # the small series: its profile names their pages
EDITED, WITHDRAWN = (
    ("郑州", "安阳", "洛阳"),
    "信阳",
)  # what the newspaper changes between the first and the second crawl
KILLED_AT = {"small": 150, "api": 350}  # call of a first crawl at which "killed" dies: some exchanges are kept, not all


@dataclass(frozen=True, slots=True)
class Calls:
    """How often a command makes each kind of call on files of the home. cut: truncate and unlink."""

    write: int
    sync: int
    open: int
    rename: int
    mkdir: int
    cut: int

    @property
    def any(self) -> int:
        """All of them."""
        return self.write + self.sync + self.open + self.rename + self.mkdir + self.cut

    @property
    def grow(self) -> int:
        """What needs room on the disk."""
        return self.write + self.open + self.rename + self.mkdir

    @property
    def change(self) -> int:
        """What a read-only disk refuses."""
        return self.any - self.sync


@dataclass(frozen=True, slots=True)
class Scene:
    """A command and where it begins.

    kind: of the profile, "small" or one of desk.KINDS. before: what was done in the home, in order. rotates: a WARC is full at
    30 kB. stores: the profile names an object store, a folder beside the home, on the disk that fails.
    """

    command: str
    kind: str
    calls: Calls
    before: tuple[str, ...] = ()
    rotates: bool = False
    stores: bool = False


# Calls as counted on a run without faults (Python 3.11, SQLite 3.40); some more or less with the pace of the machine.
SCENES: dict[str, Scene] = {
    "small": Scene("crawl", "small", Calls(297, 17, 13, 7, 10, 7)),
    "small-again": Scene("crawl", "small", Calls(138, 11, 8, 6, 0, 6), ("crawl",)),
    "small-rotating": Scene("crawl", "small", Calls(301, 23, 15, 9, 10, 7), rotates=True),
    "small-after-a-kill": Scene("crawl", "small", Calls(253, 13, 8, 8, 5, 6), ("killed",)),
    "first": Scene("crawl", "api", Calls(781, 19, 25, 19, 10, 7)),
    "first-list": Scene("crawl", "list", Calls(541, 17, 25, 19, 10, 7)),
    "first-rotating": Scene("crawl", "api", Calls(735, 38, 32, 26, 10, 7), rotates=True),
    "again": Scene("crawl", "api", Calls(357, 11, 9, 7, 0, 6), ("crawl",)),
    "again-rotating": Scene("crawl", "list", Calls(247, 15, 10, 8, 0, 6), ("crawl",), rotates=True),
    "after-a-kill": Scene("crawl", "api", Calls(720, 11, 20, 20, 4, 6), ("killed",)),
    "new-rules": Scene("crawl", "list", Calls(661, 14, 9, 7, 0, 6), ("crawl", "new-rules")),
    "older": Scene("crawl", "small", Calls(236, 18, 10, 7, 0, 7), ("crawl", "older")),
    "rebuild": Scene("rebuild", "list", Calls(426, 16, 25, 19, 4, 10), ("crawl", "lose-ledger")),
    "rebuild-over": Scene("rebuild", "small", Calls(224, 7, 6, 1, 0, 9), ("crawl",)),
    "export": Scene("export", "api", Calls(43, 2, 6, 1, 1, 4), ("crawl",)),
    "import": Scene("import", "list", Calls(171, 16, 8, 3, 1, 9), ("crawl", "others")),
    "upload": Scene("upload", "small", Calls(60, 30, 15, 10, 8, 10), ("crawl",), stores=True),
    "repair": Scene("repair", "api", Calls(24, 8, 5, 2, 1, 7), ("crawl", "export", "damage")),
}


class Stage:
    """A newspaper that changes once, and the homes of all scenes."""

    def __init__(self, folder: Path, server: Server, injector: Injector) -> None:
        self.folder, self.server, self.injector = folder, server, injector
        self._first, self._changed = Site(Newspaper()), Site(Newspaper())
        for subject in EDITED:
            self._changed.newspaper.edit(subject)
        self._changed.newspaper.withdraw(WITHDRAWN)
        self._homes: dict[tuple[str, ...], Path] = {}
        self._stories: dict[str, dict[str, list[Any]]] = {}
        self._alone: dict[str, dict[str, list[Any]]] = {}

    # ---------------------------------------------------------------------------------------------------- a home

    def text(self, scene: Scene) -> str:
        """Give the profile of a scene's command; each crawl by it asks for everything again."""
        text = profile_text(self.server, "urls" if scene.kind == "small" else scene.kind, recheck="always")
        if scene.kind == "small":
            pages = json.dumps([self.server.url + one.path for one in instalments() if one.subject in SMALL])
            text = re.sub(r"^urls = \[.*?\]$", f"urls = {pages}", text, flags=re.MULTILINE | re.DOTALL)
            text = re.sub(
                r"^subjects = .*$", f"subjects = {json.dumps(SMALL, ensure_ascii=False)}", text, flags=re.MULTILINE
            )
            text = text.replace("expected = 18", f"expected = {len(SMALL)}")
        if "new-rules" in scene.before:
            text = text.replace('title = "h1.content-title"', 'title = "h1.content-title, h1.other"')
        if scene.stores:
            text += f'\n[store]\nurl = "env:{STORE}"\n'
        return text.replace("[warc]\n", "[warc]\nmax_size = 30000\n") if scene.rotates else text

    def series(self, scene: Scene) -> str:
        """Give the id of a scene's series."""
        return {"api": "qushui", "list": "qushui-list"}.get(scene.kind, "qushui-urls")

    def desk(self, scene: Scene, folder: Path) -> Desk:
        """Give the home at the beginning of a scene, in a new folder; from now on the newspaper has changed."""
        folder.mkdir()
        desk = Desk(folder, folder / "home")
        key = (scene.kind, *scene.before, *(["stores"] if scene.stores else []))
        if scene.before and key not in self._homes:
            made = Desk(self.folder / "-".join(key), self.folder / "-".join(key) / "home")
            made.folder.mkdir()
            for deed in scene.before:
                self._do(deed, made, scene)
            self._homes[key] = made.home
        if scene.before:
            shutil.copytree(self._homes[key], desk.home)
        self.server.site = self._changed
        return desk

    def _do(self, deed: str, desk: Desk, scene: Scene) -> None:
        self.server.site = self._first
        before = Scene("crawl", scene.kind, scene.calls, stores=scene.stores)
        match deed:
            case "crawl":
                self._well(desk, before, "crawl")
            case "export":
                self._well(desk, before, "export")
            case "killed":
                rules = (Rule("any", KILLED_AT[scene.kind], "signal", 9),)
                environment = self.injector.environment(desk.home, rules, desk.folder / "log")
                assert self.run(desk, before, "crawl", **environment).code == -9
            case "older":
                make_older(desk.home / "ledger.sqlite3")
            case "others":
                other = Desk(desk.folder, desk.folder / "others")
                self._well(other, Scene("crawl", "api", scene.calls), "crawl")
                (warc,) = other.home.glob("warc/*/*.warc.gz")
                shutil.copy(warc, self.folder / "others.warc.gz")
            case "lose-ledger":
                for path in desk.home.glob("ledger.sqlite3*"):
                    path.unlink()
                shutil.rmtree(desk.home / "text")
                shutil.rmtree(desk.home / "index")
            case "damage":
                (warc,) = (desk.home / "warc" / self.series(scene)).iterdir()
                octets = bytearray(warc.read_bytes())
                octets[len(octets) // 2] ^= 1
                warc.write_bytes(octets)

    # ------------------------------------------------------------------------------------------------- a command

    def run(self, desk: Desk, scene: Scene, command: str, **more: str) -> Crawled:
        """Run one of the commands of the scenes to its end. more: as for Desk.start."""
        series = self.series(scene)
        arguments: dict[str, tuple[str | Path, ...]] = {
            "crawl": ("crawl", desk.profile(self.text(scene))),
            "rebuild": ("rebuild",),
            "export": ("export", series, "--format", "wacz"),
            "import": ("import", self.folder / "others.warc.gz", "--series", series),
            "repair": ("verify", "--repair"),
            "verify": ("verify",),
            "upload": ("upload",),
        }
        store = {STORE: store_of(desk).as_uri()} if scene.stores else {}
        return ended(desk.start(*arguments[command], "--json", **store, **more))

    def faulty(self, desk: Desk, scene: Scene, rules: tuple[Rule, ...], log: Path) -> dict[str, str]:
        """Give the environment of a run that meets faults in the home, and in the store where there is one."""
        return self.injector.environment(desk.folder if scene.stores else desk.home, rules, log)

    def _well(self, desk: Desk, scene: Scene, command: str) -> None:
        done = self.run(desk, scene, command)
        assert (done.code, done.stderr) == (0, ""), (scene, done)

    def expected(self, name: str) -> dict[str, list[Any]]:
        """Give the story of a scene whose command met no fault and was followed by a crawl."""
        if name not in self._stories:
            scene = SCENES[name]
            desk = self.desk(scene, self.folder / f"expected-{name}")
            self._well(desk, scene, scene.command)
            self._alone[name] = story(desk, self.series(scene))
            self._well(desk, scene, "crawl")
            self._stories[name] = story(desk, self.series(scene))
        return self._stories[name]

    def expected_of_it_alone(self, name: str) -> dict[str, list[Any]]:
        """Give the story of a scene whose command met no fault, before any further crawl."""
        self.expected(name)
        return self._alone[name]
