"""docker-compose.yml and the Dockerfile. No Docker engine is asked for: the files are read as Docker would read them, and the
same processes are started with the same environment on loopback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import psycopg.pq
import pytest
import s3_server
from botocore.session import Session
from botocore.utils import InstanceMetadataFetcher
from composed import (
    COMPOSE,
    EXAMPLE,
    ROOT,
    VARIABLE,
    Composed,
    MissingVariableError,
    command,
    composed,
    image_environment,
    instruction,
    is_ours,
)
from desk import ended, profile_text
from postgres_server import PASSWORD, Postgres, programs
from serving import Served, yearly
from witness import Trap

from archive.config import Config
from crawler.demo.server import Server
from scheduler import CLI, read_environment

SECRETS = {
    "LIANZAI_DATABASE_PASSWORD": PASSWORD,
    "LIANZAI_STORE_ACCESS_KEY": s3_server.ACCESS_KEY,
    "LIANZAI_STORE_SECRET_KEY": s3_server.SECRET_KEY,
}
FILE = composed(SECRETS)
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
GRACE_S = float(SERVICES["service"]["stop_grace_period"].removesuffix("s"))
OURS = [name for name, service in SERVICES.items() if is_ours(service)]
# Source: the schema of the Compose specification, the keys that this file has use for.
SERVICE_KEYS = {
    "build", "cap_add", "cap_drop", "command", "depends_on", "entrypoint", "env_file", "environment", "expose", "healthcheck",
    "image", "init", "logging", "networks", "ports", "profiles", "read_only", "restart", "security_opt", "stop_grace_period",
    "stop_signal", "tmpfs", "user", "volumes",
}  # fmt: skip
BELOW = {
    "healthcheck": {"test", "interval", "timeout", "retries", "start_period", "start_interval", "disable"},
    "logging": {"driver", "options"},
    "build": {"context", "dockerfile", "dockerfile_inline", "target", "args"},
}
TOP_KEYS = {"name", "services", "volumes", "networks", "secrets", "configs"}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}


# ------------------------------------------------------------------------------------------------------- compose as a file


def test_every_key_is_one_of_the_specification() -> None:
    """Docker refuses the whole file for one unknown key."""
    wrong = [key for key in FILE if key not in TOP_KEYS and not key.startswith("x-")]
    for name, service in SERVICES.items():
        wrong += [f"{name}.{key}" for key in service if key not in SERVICE_KEYS]
        for key, known in BELOW.items():
            below = service.get(key)
            wrong += [f"{name}.{key}.{one}" for one in (below if isinstance(below, dict) else ()) if one not in known]

    assert wrong == []


def test_what_services_name_is_there() -> None:
    """Volumes and networks are declared and used; a service is waited for by what it tells of itself."""
    mounts = {volume.partition(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    waits = [
        (name, other, how["condition"])
        for name, one in SERVICES.items()
        for other, how in one.get("depends_on", {}).items()
    ]

    assert {mount for mount in mounts if not mount.startswith("./")} == set(FILE["volumes"])
    assert {network for service in SERVICES.values() for network in service["networks"]} == set(FILE["networks"])
    assert (ROOT / "deploy").is_dir()
    assert {other for _, other, _ in waits} <= set(SERVICES)
    assert {condition for _, _, condition in waits} <= CONDITIONS
    silent = {name for name, one in SERVICES.items() if "test" not in one.get("healthcheck", {}) and name not in OURS}
    silent |= {name for name, one in SERVICES.items() if one.get("healthcheck", {}).get("disable")}
    assert {other for _, other, condition in waits if condition == "service_healthy"} & silent == set()
    assert [one for one in waits if one[2].endswith("successfully") and SERVICES[one[1]]["restart"] != "no"] == []


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_may_do_no_more_than_it_must(name: str) -> None:
    """What breaks in finds no root, nothing to write on, no way up, and is seen by nobody outside of this machine."""
    service = SERVICES[name]
    tag = service["image"].rpartition(":")[2]

    assert (service["read_only"], service["cap_drop"], service["security_opt"]) == (
        True,
        ["ALL"],
        ["no-new-privileges:true"],
    )
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert "/tmp" in service["tmpfs"]
    assert re.fullmatch(r"v?\d+(\.\d+)+(-\w+)?", tag)
    assert [port for port in service.get("ports", []) if not port.startswith("127.0.0.1:")] == []
    assert int(service["stop_grace_period"].removesuffix("s")) >= 15
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


def test_images_are_pinned_and_ours_is_of_this_version() -> None:
    """An image that changes under its name is another program."""
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    bases = re.findall(
        r"^\s*FROM (\S+)",
        (ROOT / "Dockerfile").read_text("utf-8") + SERVICES["store"]["build"]["dockerfile_inline"],
        re.MULTILINE,
    )

    assert version is not None
    assert {SERVICES[name]["image"] for name in OURS} == {f"lianzai:{version[1]}"}
    assert [base for base in bases if not re.search(r":v?\d+\.\d+\.\d+", base)] == []


def test_every_variable_is_in_the_example_and_no_secret_has_a_default() -> None:
    """Who starts it is told what is missing, and nobody's password is the same as everybody's."""
    used = {name: kind for name, kind, _ in VARIABLE.findall(COMPOSE)}

    assert set(used) == set(EXAMPLE)
    assert {name for name, kind in used.items() if kind == "?"} == set(SECRETS)
    assert {name for name, value in EXAMPLE.items() if not value} == set(SECRETS)
    for missing in SECRETS:
        with pytest.raises(MissingVariableError, match=missing):
            composed({name: value for name, value in SECRETS.items() if name != missing})


def test_secrets_stay_out_of_repository_and_image() -> None:
    """They lie beside the file that names them."""
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    let_in = (ROOT / ".dockerignore").read_text("utf-8").splitlines()

    assert {".env", "profiles.env"} <= set(ignored)
    assert let_in[0] == "*"
    assert [line for line in let_in if line.startswith("!") and ("env" in line or "profiles" in line)] == []


def parse(words: list[str]) -> click.Context:
    """Parse a command line by the console script's own parser. Raises click.UsageError."""
    assert words[0] == "lianzai"
    with CLI.make_context("lianzai", words[1:], obj=Config()) as context:
        name, verb, rest = CLI.resolve_command(context, [*context._protected_args, *context.args])
        assert verb is not None
        return verb.make_context(name, rest, parent=context)


@pytest.mark.parametrize("name", [name for name in OURS if command(SERVICES[name])[0] == "lianzai"])
def test_each_command_is_one_of_the_console_script(name: str) -> None:
    """A wrong option shows only in the container, as one that starts again and again."""
    words = command(SERVICES[name])
    parsed = parse(words)

    assert parsed.info_name == words[1]
    if "ports" in SERVICES[name]:
        (port,) = SERVICES[name]["ports"]
        assert (parsed.params["host"], parsed.params["port"]) == ("0.0.0.0", int(port.rpartition(":")[2]))


def test_an_option_that_is_none_would_be_found() -> None:
    """The test above fails where it must."""
    with pytest.raises(click.UsageError, match="no-such"):
        parse(["lianzai", "serve", "--no-such", "1"])


def test_the_image_is_the_service_by_itself() -> None:
    """`docker run lianzai` is `lianzai serve`, and its health check asks where that listens."""
    parsed = parse([*instruction("ENTRYPOINT"), *instruction("CMD")])

    assert command(SERVICES["service"]) == [*instruction("ENTRYPOINT"), *instruction("CMD")]
    assert f"http://127.0.0.1:{parsed.params['port']}/healthz" in instruction("HEALTHCHECK")[2]


class Noted(dict[str, str]):
    """An environment that notes what is looked up."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return default


def test_every_variable_of_ours_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is spelled wrong does nothing, and says nothing."""
    noted, given = Noted(), SERVICES["service"]["environment"] | image_environment()
    read_environment(noted)
    libpq = {one.envvar.decode() for one in psycopg.pq.Conninfo.get_defaults() if one.envvar}
    python = {"HOME", "PYTHONDONTWRITEBYTECODE"}
    amazon = {name for name in given if name.startswith("AWS_")}
    for name in os.environ:
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name in amazon:
        monkeypatch.setenv(name, given[name])
    session = Session()
    keys = session.get_credentials()
    client = session.create_client("s3")

    assert set(given) - noted.asked - libpq - python == amazon
    assert (keys.access_key, keys.secret_key) == (s3_server.ACCESS_KEY, s3_server.SECRET_KEY)
    assert (client.meta.endpoint_url, client.meta.region_name) == (
        given["AWS_ENDPOINT_URL_S3"],
        given["AWS_DEFAULT_REGION"],
    )
    assert InstanceMetadataFetcher().retrieve_iam_role_credentials() == {}
    assert len(amazon) == 5  # all of them looked at above


def test_store_and_database_are_where_the_service_looks_for_them() -> None:
    """Their names in the network are those of the file, and both sides are told the same secrets."""
    ours, store, database = (SERVICES[name]["environment"] for name in ("service", "store", "database"))
    health = SERVICES["store"]["healthcheck"]["test"]

    assert ours["AWS_ENDPOINT_URL_S3"] == f"http://store{store['VGW_PORT']}"
    assert (store["ROOT_ACCESS_KEY_ID"], store["ROOT_SECRET_ACCESS_KEY"]) == (
        ours["AWS_ACCESS_KEY_ID"],
        ours["AWS_SECRET_ACCESS_KEY"],
    )
    assert store["VGW_REGION"] == ours["AWS_DEFAULT_REGION"]
    assert health[:2] == ["CMD", "wget"]
    assert health[-1] == f"http://127.0.0.1{store['VGW_PORT']}{store['VGW_HEALTH']}"
    assert f"{store['VGW_BACKEND_ARG']}" in SERVICES["store"]["volumes"][0].split(":")
    assert (
        ours["LIANZAI_DATABASE_URL"] == f"postgresql://{database['POSTGRES_USER']}@database/{database['POSTGRES_DB']}"
    )
    assert ours["PGPASSWORD"] == database["POSTGRES_PASSWORD"]


# ------------------------------------------------------------------------------------------------ the same, on loopback


@pytest.fixture
def stack(tmp_path: Path, postgres: Postgres) -> Iterator[Composed]:
    """Database and object store of their own, empty, as in new volumes."""
    address = postgres.make()
    (tmp_path / "store").mkdir()
    name = SERVICES["database"]["environment"]["POSTGRES_DB"]
    database = {f"@database/{name}": f"@127.0.0.1:{postgres.port}/{address.rpartition('/')[2]}"}
    with s3_server.serving(tmp_path / "store") as url:
        made = Composed(
            SERVICES,
            tmp_path,
            hosts=database | {SERVICES["service"]["environment"]["AWS_ENDPOINT_URL_S3"]: url},
        )
        yield made
        made.close()


def served(stack: Composed) -> Served:
    """Start the service by the command of the file, on a free port of loopback."""
    words = [{"0.0.0.0": "127.0.0.1", "8080": "0"}.get(word, word) for word in command(SERVICES["service"])]
    assert words[:2] == ["lianzai", "serve"]
    return Served(stack, *words[2:])


def keep(stack: Composed, newspaper: Server) -> None:
    """Add the newspaper by the command, as if that had been a year ago: a service that starts owes it a run."""
    profile = stack.profile(yearly(profile_text(newspaper, requisites="none")), "qushui.toml")
    added = ended(stack.start("add", profile, "--json"))
    assert added.code == 0, added.stderr
    os.utime(stack.home / "profiles" / "qushui.toml", (1_764_000_000, 1_764_000_000))


def healthy(check: list[str], url: str) -> int:
    """Do a health check of the image; gives its exit code."""
    python, *words = [
        word.replace("http://127.0.0.1:8080", url).replace("127.0.0.1:8080", url.partition("//")[2]) for word in check
    ]
    assert python == "python"
    return subprocess.run([sys.executable, *words], capture_output=True, check=False).returncode


def test_what_compose_starts_crawls_and_uploads(stack: Composed, newspaper: Server, postgres: Postgres) -> None:
    """From empty volumes: the bucket is made, a series added is crawled into PostgreSQL and sent to the store, nothing lies in
    the home that belongs elsewhere; `docker compose stop` ends it."""
    prepared = [stack.prepare(), stack.prepare()]
    keep(stack, newspaper)
    service = served(stack)
    service.wait("run.ended", series="qushui")
    service.wait("upload.ended", count=2, code=0)  # the first is of the start
    service.until(lambda: service.get("/readyz")[0] == 200)
    url, health = service.url, healthy(instruction("HEALTHCHECK"), service.url)
    (told,) = stack.ask("status")["series"]
    verified = ended(stack.start("verify", "--remote", "--json"))
    pages = stack.start_service("replay")
    room = re.match(r"(\S+) serves ", pages.stdout.readline())  # type: ignore[union-attr]
    assert room is not None, pages.communicate()
    kind, *check = SERVICES["replay"]["healthcheck"]["test"]
    shown = healthy(check, room[1])
    pages.send_signal(signal.SIGTERM)
    pages.communicate(timeout=GRACE_S)
    code = service.signal(signal.SIGTERM)
    objects = {
        path.relative_to(stack.folder / "store").parts[:2]
        for path in (stack.folder / "store").rglob("*")
        if path.is_file()
    }

    assert [(one.returncode, one.stderr) for one in prepared] == [(0, "")] * 2
    assert (told["captured"], told["pending_uploads"], told["trouble"]) == (17, 0, None)
    assert {("lianzai", name) for name in ("warc", "index", "text", "ledger", "profiles")} <= objects
    assert verified.code == 0, verified.stderr
    assert not (stack.home / "ledger.sqlite3").exists()
    assert (health, healthy(instruction("HEALTHCHECK"), url)) == (0, 1)
    assert (kind, shown, healthy(check, room[1]), pages.returncode) == ("CMD", 0, 1, 143)
    assert code == 143
    assert list(stack.scratch.iterdir()) == []


@pytest.mark.soak
def test_stopped_in_the_middle_of_a_crawl_it_ends_in_time(stack: Composed, newspaper: Server, trap: Trap) -> None:
    """After stop_grace_period Docker kills; what was fetched is kept in both cases, but a clean end is wanted."""
    assert stack.prepare().returncode == 0
    keep(stack, newspaper)
    sprung = trap.at(5, lambda: None, stall=True)
    service = served(stack)
    service.until(sprung.is_set)
    service.process.send_signal(signal.SIGTERM)
    code = service.process.wait(timeout=GRACE_S)
    trap.open()

    assert code == 143
    assert [path.suffix for path in (stack.home / "warc" / "qushui").iterdir()] == [".gz"]


def test_without_a_store_the_preparation_says_so_on_one_line(stack: Composed, only_line: Any) -> None:
    """Compose shows it, and starts nothing that would fail in other ways."""
    refused = stack.prepare(AWS_SECRET_ACCESS_KEY="another-secret-key-of-some-length")
    line = only_line(refused.stderr)

    assert refused.returncode == 1
    assert line.endswith("try: docker compose logs store")
    assert "another-secret" not in line
    assert not (stack.home / "config.toml").exists()


def test_a_setting_of_the_home_is_not_written_over(stack: Composed) -> None:
    """It is yours from the first start on."""
    (stack.home / "config.toml").write_text('[store]\nurl = "s3://mine"\n')

    assert stack.prepare().returncode == 0
    assert (stack.home / "config.toml").read_text() == '[store]\nurl = "s3://mine"\n'


def test_the_database_says_by_itself_whether_it_is_there(postgres: Postgres) -> None:
    """The health check of the file, by the server's own program."""
    kind, program, *arguments = SERVICES["database"]["healthcheck"]["test"]
    where = [{"lianzai": "postgres"}.get(word, word) if before == "--dbname" else word
             for before, word in zip(["", *arguments], arguments, strict=False)]  # fmt: skip

    def asked() -> int:
        return subprocess.run([programs() / program, *where, "--port", str(postgres.port)], check=False).returncode

    up = asked()
    postgres.stop()
    try:
        down = asked()
    finally:
        postgres.start()

    assert (kind, up, down) == ("CMD", 0, 2)
