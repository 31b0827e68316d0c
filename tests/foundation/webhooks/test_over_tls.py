"""The address that was checked is called, and must prove to bear the name that was given."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from foundation.webhooks.makers import AT, happen, make_subscription
from wangge.foundation.webhooks.models import Subscription
from wangge.foundation.webhooks.sending import send_due


def certificate(folder: Path, name: x509.GeneralName) -> Path:
    """A certificate that vouches for itself, with its key, for one name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver")])
    today = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "receiver.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
def told() -> list[str]:
    return []


def serve(path: Path, told: list[str]) -> HTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            told.append(self.headers["host"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


@pytest.fixture(params=["its own name", "its own address", "another name", "not vouched for"])
def receiver(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    told: list[str],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[str, bool]]:
    """A receiver's address, and whether it should be told."""
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    name: x509.GeneralName = x509.DNSName("localhost")
    host = "localhost"
    if request.param == "its own address":
        name, host = x509.IPAddress(ipaddress.ip_address("127.0.0.1")), "127.0.0.1"
    elif request.param == "another name":
        name = x509.DNSName("somebody-else.example")
    path = certificate(tmp_path, name)
    if request.param != "not vouched for":
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8", "::1/128"]
    server = serve(path, told)
    yield f"https://{host}:{server.server_port}/", request.param.startswith("its own")
    server.shutdown()
    server.server_close()


@pytest.mark.django_db
def test_only_who_proves_the_name_is_told(receiver: tuple[str, bool], told: list[str]) -> None:
    url, trusted = receiver
    make_subscription(url)
    happen()
    send_due(at=AT)
    assert len(told) == int(trusted)
    assert Subscription.objects.get().last_code == (204 if trusted else 0)
