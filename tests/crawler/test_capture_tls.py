"""The exchange is the site's own HTTP, above TLS and within a proxy's tunnel, and a certificate is not taken on trust."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tls_site import ANSWER, listening, made_certificate, newspaper, over_tls, tunnel

REPO = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1 and *.paper.example, key included."""
    return made_certificate(tmp_path_factory.mktemp("tls"))


def crawl(
    url: str, *, trust: Path | None = None, allowed: tuple[str, ...] = ("127.0.0.1",), host: str = "", **meta: Any
) -> dict[str, Any]:
    """Fetch one address in a process of its own; trust: a certificate that is an authority there. host: a name of 127.0.0.1."""
    limits = {"delay": 0, "concurrency": 1, "timeout": 20, "max_body": 1_000_000, "user_agent": "lianzai-test"}
    requests = [{"url": url, "meta": meta, "headers": [["Accept", "*/*"]]}]
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("wire_crawl.py"))],
        input=json.dumps(
            {"settings": limits, "allowed": allowed, "requests": requests, "names": {host: [["127.0.0.1"]]}}
        ),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PYTHONPATH": str(REPO), "PATH": os.environ["PATH"], **({"SSL_CERT_FILE": str(trust)} if trust else {})},
    )
    assert done.stderr == ""
    outcome: dict[str, Any] = json.loads(done.stdout)
    for side in ("request", "response") if outcome.get("exchange") else ():
        outcome["exchange"][side] = base64.b64decode(outcome["exchange"][side])
    return outcome


def test_an_exchange_over_tls_is_kept_to_the_byte(certificate: Path) -> None:
    """What is archived of an https page is its HTTP, the same as of an http one."""
    log: list[bytes] = []
    with listening(over_tls(certificate, newspaper(log))) as port:
        outcome = crawl(f"https://127.0.0.1:{port}/a", trust=certificate)

    assert outcome["exchange"]["response"] == ANSWER
    assert [outcome["exchange"]["request"]] == log
    assert outcome["exchange"]["ip"] == "127.0.0.1"


@pytest.mark.parametrize(("host", "reason"), [("r3---sn_1.paper.example", None), ("r3---sn_1.other.example", "tls")])
def test_a_name_that_idna_knows_not_is_asked_and_held_against_the_certificate(
    certificate: Path, host: str, reason: str | None
) -> None:
    """Hosts of pictures have such names, and browsers ask them; one of them in a page once ended the whole run."""
    with listening(over_tls(certificate, newspaper([]))) as port:
        outcome = crawl(f"https://{host}:{port}/a", trust=certificate, host=host)

    assert (outcome.get("reason"), outcome.get("status")) == (reason, None if reason else 200)


def test_a_certificate_nobody_vouches_for_fails_as_tls(certificate: Path) -> None:
    """Bytes of someone who stands between us and the site must not be archived as the site's."""
    log: list[bytes] = []
    with listening(over_tls(certificate, newspaper(log))) as port:
        outcome = crawl(f"https://127.0.0.1:{port}/a")

    assert (outcome["reason"], outcome["exchange"]) == ("tls", None)
    assert log == []


def test_a_certificate_for_another_host_fails_as_tls(certificate: Path) -> None:
    """A good certificate of another site proves nothing of this one."""
    with listening(over_tls(certificate, newspaper([]))) as port:
        outcome = crawl(f"https://localhost:{port}/a", trust=certificate)

    assert (outcome["reason"], outcome["exchange"]) == ("tls", None)


def test_a_plain_server_asked_by_tls_fails_as_tls() -> None:
    """The report says that the port speaks no TLS rather than that it is dead."""
    with listening(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        outcome = crawl(f"https://127.0.0.1:{port}/a")

    assert outcome["reason"] == "tls"


def test_an_address_not_allowed_is_refused_before_tls(certificate: Path) -> None:
    """Not even a handshake tells the inner network that someone is there."""
    met: list[bool] = []
    with listening(lambda _: met.append(True)) as port:
        outcome = crawl(f"https://127.0.0.1:{port}/a", trust=certificate, allowed=())

    assert outcome["reason"] == "private"
    assert met == []


def test_a_tunnel_is_no_part_of_the_exchange(certificate: Path) -> None:
    """CONNECT and the proxy's password are between us and the proxy; the archive holds what the site was asked."""
    asked: list[bytes] = []
    log: list[bytes] = []
    with listening(over_tls(certificate, newspaper(log))) as port, listening(tunnel(asked)) as proxy:
        outcome = crawl(f"https://127.0.0.1:{port}/a", trust=certificate, proxy=f"http://u:p%40@127.0.0.1:{proxy}")

    login = base64.b64encode(b"u:p@")
    assert asked[0].startswith(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n" % port)
    assert b"Proxy-Authorization: Basic " + login + b"\r\n" in asked[0]
    assert outcome["exchange"]["response"] == ANSWER
    assert [outcome["exchange"]["request"]] == log
    assert login not in log[0]


def test_a_proxy_that_opens_no_tunnel_is_named(certificate: Path) -> None:
    """A wrong proxy password is not the newspaper's fault, and the password is not in the message."""
    asked: list[bytes] = []
    with listening(tunnel(asked, b"407 Who are you")) as proxy:
        outcome = crawl("https://127.0.0.1:9/a", trust=certificate, proxy=f"http://u:secret@127.0.0.1:{proxy}")

    assert outcome["reason"] == "connect"
    assert "407" in outcome["detail"]
    assert "secret" not in outcome["detail"]
    assert len(asked) == 1


def test_a_plain_proxy_is_asked_for_the_whole_address() -> None:
    """The request is kept as it went out, less the proxy's password; the address of the site is not known here."""
    log: list[bytes] = []
    with listening(newspaper(log)) as proxy:
        outcome = crawl("http://news.example/a?b", proxy=f"u:p@127.0.0.1:{proxy}", allowed=())

    login = b"Proxy-Authorization: Basic " + base64.b64encode(b"u:p") + b"\r\n"
    assert log[0] == b"GET http://news.example/a?b HTTP/1.1\r\nHost: news.example\r\nAccept: */*\r\n" + login + b"\r\n"
    assert outcome["exchange"]["request"] == log[0].replace(login, b"")
    assert outcome["exchange"]["response"] == ANSWER
    assert outcome["exchange"]["ip"] is None
