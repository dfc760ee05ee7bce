"""What a verb that reports nothing of its own says: what was done, what failed, which paths.

Takes   those. Gives: {done, failed: [{what, reason}], paths: [path…]} (CONTRACT, JSON), or the sentence. Writes: stdout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archive import terminal
from archive.config import Config


def report(
    config: Config,
    sentence: str,
    *,
    failed: Sequence[Mapping[str, str]] = (),
    paths: Sequence[Path] = (),
    **more: Any,
) -> None:
    """Say that it is done.

    sentence: for people. failed: of each what it was and the reason. more: further keys of the JSON.
    """
    if config.json:
        done = {"done": not failed, "failed": list(failed), "paths": [str(path) for path in paths]}
        terminal.print_json({**done, **more})
    else:
        terminal.print_line(config, sentence)
