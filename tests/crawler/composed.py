"""docker-compose.yml and the Dockerfile as Docker would read them, so that the same can be started without it.

Takes   the two files, .env.example.
Gives   services with their variables filled in; the command that an image and a service make; the image's environment; a desk
        whose commands run as in the containers.
Writes  nothing.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from desk import Desk
from forking import Running

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text("utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
EXAMPLE = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
# ${NAME}, ${NAME:-default}, ${NAME:?message}: all that the file uses of Compose's interpolation.
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::([-?])([^}]*))?\}")


class MissingVariableError(Exception):
    """A variable without which Docker would refuse to start."""


def composed(environ: Mapping[str, str]) -> dict[str, Any]:
    """Give the file with its variables filled in. environ: what stands in .env. Raises MissingVariableError."""

    def value(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        if environ.get(name):
            return environ[name]
        if kind == "?":
            raise MissingVariableError(f"{name}: {rest}")
        return rest or ""

    def filled(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: filled(one) for key, one in node.items()}
        if isinstance(node, list):
            return [filled(one) for one in node]
        return VARIABLE.sub(value, node) if isinstance(node, str) else node

    document: dict[str, Any] = filled(yaml.safe_load(COMPOSE))
    return document


def instruction(name: str) -> list[str]:
    """Give the last list of an instruction of the Dockerfile: ENTRYPOINT ["lianzai"]."""
    lines = re.sub(r"\\\n", "", DOCKERFILE)
    found: list[str] = json.loads(re.findall(rf"^{name}(?: --\S+)* +(?:CMD )?(\[.*\])$", lines, re.MULTILINE)[-1])
    return found


def image_environment() -> dict[str, str]:
    """Give what ENV sets."""
    return dict(
        pair.split("=", 1) for line in re.findall(r"^ENV (.*)$", DOCKERFILE, re.MULTILINE) for pair in shlex.split(line)
    )


def is_ours(service: Mapping[str, Any]) -> bool:
    """Tell whether a service runs the image of the Dockerfile."""
    return bool(service["image"].startswith("lianzai:"))


def command(service: Mapping[str, Any]) -> list[str]:
    """Give the whole command line of a service of our image, the shell before it undone."""
    words = [*service.get("entrypoint", instruction("ENTRYPOINT")), *service.get("command", instruction("CMD"))]
    if words[:2] == ["sh", "-c"]:
        return shlex.split(words[2].removeprefix("exec "))
    return words


# In a mount namespace of its own: $1 and $2 stay as they are, all else can be read only.
_READ_ONLY = 'mount --bind "$1" "$1" && mount --bind "$2" "$2" && mount -o remount,bind,ro / && shift 2 && exec "$@"'


@cache
def _can_be_read_only() -> bool:
    """Tell whether this machine lets us make the root read-only for a process: root outside of most containers."""
    words = ["unshare", "--mount", "sh", "-c", _READ_ONLY, "sh", "/dev", "/dev", "sh", "-c", "! touch /lianzai-probe"]
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


class Composed(Desk):
    """A home, and commands as in the containers: their environment, and where this machine lets us a root that is read-only.

    services: of the file, filled in. hosts: names in their network, and where these are in truth.
    """

    def __init__(self, services: Mapping[str, Any], folder: Path, *, hosts: Mapping[str, str]) -> None:
        super().__init__(folder, folder / "home")
        self._services, self._hosts, self.scratch = services, hosts, folder / "tmp"
        for path in (self.home, self.scratch):
            path.mkdir()

    def environment(self, service: str) -> dict[str, str]:
        """Give the environment of a service's container."""
        told = {"PATH": os.environ["PATH"]} | image_environment() | self._services[service]["environment"]
        for name, where in self._hosts.items():
            told = {key: value.replace(name, where) for key, value in told.items()}
        return told | {"LIANZAI_HOME": str(self.home), "HOME": str(self.scratch), "TMPDIR": str(self.scratch)}

    def start(self, *arguments: str | Path, shell: str = "", **environ: str) -> Running:
        """Start the console script as in the container of `service`. arguments: behind `lianzai`."""
        assert not shell, "there is none in the container's way"
        return self._started("service", arguments, environ)

    def start_service(self, name: str) -> Running:
        """Start a service by its command, on a free port of loopback."""
        program, *words = [
            {"0.0.0.0": "127.0.0.1", "8080": "0"}.get(word, word) for word in command(self._services[name])
        ]
        assert program == "lianzai"
        return self._started(name, words, {})

    def _started(self, name: str, words: Sequence[str | Path], environ: Mapping[str, str]) -> Running:
        home_is_read_only = "home:/data:ro" in self._services[name]["volumes"]
        command_line = [sys.executable, str(ROOT / "scheduler.py"), *map(str, words)]
        process = subprocess.Popen(
            self._contained(command_line, home=not home_is_read_only), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            encoding="utf-8", env=self.environment(name) | environ, cwd=self.folder,
        )  # fmt: skip
        self.running.append(process)
        return process

    def prepare(self, **environ: str) -> subprocess.CompletedProcess[str]:
        """Do what the service `prepare` does."""
        python, *words = command(self._services["prepare"])
        assert python == "python"
        here = [word.replace("/deploy", str(ROOT / "deploy")).replace("/data", str(self.home)) for word in words]
        return subprocess.run(
            self._contained([sys.executable, *here]), capture_output=True, text=True, check=False,
            env=self.environment("prepare") | environ, cwd=self.folder,
        )  # fmt: skip

    def _contained(self, words: list[str], *, home: bool = True) -> list[str]:
        if not _can_be_read_only():
            return words
        writable = [str(self.home if home else self.scratch), str(self.scratch)]
        return ["unshare", "--mount", "sh", "-c", _READ_ONLY, "sh", *writable, *words]
