"""`lianzai rebuild` in the process of the test, so that a test can look on or let it die."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from archive.config import Config
from archive.errors import LianzaiError
from archive.home import Home
from crawler.verbs.rebuild import command


def rebuild(home: Home, *options: str | Path) -> tuple[Result, dict[str, Any], LianzaiError | None]:
    """Run the command; give how it ended, its JSON and its error. Anything unforeseen is raised."""
    ran = CliRunner().invoke(command, list(map(str, options)), obj=Config(home=home.root, json=True))
    if ran.exception is not None and not isinstance(ran.exception, LianzaiError | SystemExit):
        raise ran.exception
    error = ran.exception if isinstance(ran.exception, LianzaiError) else None
    return ran, json.loads(ran.stdout) if ran.stdout else {}, error
