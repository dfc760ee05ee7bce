"""What the service tests stand on: a filled home, crawls as real processes, and witnesses of what they ask."""

from __future__ import annotations

import os
import pty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import forking
import pytest
from desk import Desk
from witness import Canary, Relay, Trap

from crawler.demo.server import Server


@pytest.fixture
def series(filled: Any, reading: Any) -> Any:
    """A home with one series: an edited instalment, a withdrawn one, one that was never captured."""
    filled.add_series(expected=4, subjects=["济源", "郑州"], missing=["开封"], complete=False)
    filled.add_article("aaaaaa-1", reading(), reading(title="济源：水从这里分开"), subject="济源")
    filled.add_article("bbbbbb-2", reading(title="郑州：城里的渠"), subject="郑州", position=2, state="withdrawn")
    filled.add_article("cccccc-3", position=3)
    filled.add_event("captured", "2018-09-01T05:00:00.120Z", article="aaaaaa-1", evidence=["urn:uuid:1"])
    filled.add_event("revised", "2018-09-03T05:00:00.120Z", article="aaaaaa-1", fields=["title"], start=1, end=2)
    return filled


@pytest.fixture
def on_a_terminal() -> Callable[..., str]:
    """Run the command with stdout and stderr on a pseudo terminal; give what it wrote there."""

    def run(*arguments: str, home: Path, **more: str) -> str:
        leader, follower = pty.openpty()
        environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm", "LIANZAI_HOME": str(home), **more}
        with forking.start(arguments, environ, stdin=follower, stdout=follower, stderr=follower) as process:
            os.close(follower)
            written = b""
            while True:
                try:
                    block = os.read(leader, 65536)
                except OSError:  # EIO: the other side was closed
                    break
                if not block:
                    break
                written += block
            process.wait(timeout=60)
        os.close(leader)
        return written.decode()

    return run


@pytest.fixture
def only_line() -> Callable[[str], str]:
    """Give the one line of stderr; fail where there are more or none."""

    def one(text: str) -> str:
        assert text.count("\n") == 1, text
        assert text.endswith("\n")
        return text.strip()

    return one


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty home; whatever still runs at the test's end is ended."""
    made = Desk(tmp_path, tmp_path / "home")
    yield made
    made.close()


@pytest.fixture
def trap(newspaper: Server) -> Trap:
    """A trap in the newspaper."""
    return Trap(newspaper)


@pytest.fixture
def relay(newspaper: Server) -> Iterator[Relay]:
    """A relay before the newspaper."""
    made = Relay(newspaper)
    yield made
    made.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    """A port that closes every connection, and counts them."""
    made = Canary()
    yield made
    made.close()


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home after `lianzai demo`, and what that said."""
    home = tmp_path_factory.mktemp("demo") / "home"
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC", "HOME": str(home.parent)}
    done = forking.run(["--home", home, "demo"], environ, timeout=120)
    assert done.returncode == 0, done.stderr
    return home, done.stdout
