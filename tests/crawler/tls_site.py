"""Servers on loopback that speak TLS, and proxies that open tunnels to them.

Takes   what each connection is to be served with.
Gives   listening: the port. newspaper, over_tls, tunnel: what serves a connection. made_certificate: a file.
Writes  a certificate with its key.
"""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

ANSWER = b"HTTP/1.1 200 OK\r\nx-ODD:  a \r\nTransfer-Encoding: chunked\r\n\r\n5;e\r\nhello\r\n0\r\n\r\n"


def made_certificate(folder: Path) -> Path:
    """Make a self-signed certificate for 127.0.0.1 and *.paper.example, key included."""
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("*.paper.example")]
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "newspaper")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "newspaper.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Run `serve` for each connection, each in a thread of its own; give the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:  # the test is over
                    return
                Thread(target=one, args=(connection,), daemon=True).start()

        def one(connection: socket.socket) -> None:
            with connection:
                try:
                    serve(connection)
                except (OSError, ssl.SSLError):  # the other side went away, as some tests mean it to
                    return

        Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def head(connection: socket.socket) -> bytes:
    """Read one request without a body; b"" at the end of the connection."""
    got = b""
    while not got.endswith(b"\r\n\r\n"):
        piece = connection.recv(4096)
        if not piece:
            return b""
        got += piece
    return got


def newspaper(log: list[bytes]) -> Callable[[socket.socket], None]:
    """Answer every request of a connection with ANSWER, and log it."""

    def serve(connection: socket.socket) -> None:
        while request := head(connection):
            log.append(request)
            connection.sendall(ANSWER)

    return serve


def over_tls(certificate: Path, serve: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def wrapped(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as inner:
            serve(inner)

    return wrapped


def tunnel(log: list[bytes], status: bytes = b"200 Connection established") -> Callable[[socket.socket], None]:
    """Be a proxy that opens tunnels, and log what it was asked."""

    def serve(connection: socket.socket) -> None:
        request = head(connection)
        log.append(request)
        host, _, port = request.split(b" ", 2)[1].partition(b":")
        connection.sendall(b"HTTP/1.1 " + status + b"\r\n\r\n")
        if not status.startswith(b"200"):
            return
        with socket.create_connection((host.decode(), int(port))) as site:
            back = Thread(target=pump, args=(site, connection), daemon=True)
            back.start()
            pump(connection, site)
            back.join()

    return serve


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:  # one side is gone; the other learns it by the close
        return
