"""What docker-compose.yml does once before the service starts: the bucket, and the home's settings that name it.

Takes   the name of a bucket, the path of config.toml; boto3's own environment.
Gives   exit 0 where both are there; 1 and one line on stderr where the store cannot be had.
Writes  the bucket and the file, where they are missing; nothing that is there is changed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

TRIES = 8  # its health check may answer before the store itself does; the pauses grow to 20 s
THERE = ("BucketAlreadyOwnedByYou", "BucketAlreadyExists")


def make_bucket(name: str) -> None:
    """Make a bucket of the store that the environment names. Raises BotoCoreError, ClientError."""
    settings = Config(s3={"addressing_style": "path"}, retries={"mode": "standard", "total_max_attempts": TRIES})
    try:
        boto3.client("s3", config=settings).create_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] not in THERE:
            raise


def make_settings(bucket: str, path: Path) -> None:
    """Write a config.toml that names the bucket, where there is none. Raises OSError."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(f'# Defaults for all profiles of this home: docs/profile.md.\n[store]\nurl = "s3://{bucket}"\n')
    except FileExistsError:
        return


def main(bucket: str, settings: str) -> int:
    """Make both; give the exit code."""
    try:
        make_bucket(bucket)
        make_settings(bucket, Path(settings))
    except (BotoCoreError, ClientError, OSError) as error:
        sys.stderr.write(f"prepare: {' '.join(str(error).split())}; try: docker compose logs store\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
