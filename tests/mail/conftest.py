import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from tests.support.mailserver import MailServer, serve


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> trustme.CA:
    """A certificate authority that this process trusts."""
    authority = trustme.CA()
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return authority


def _context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def plain_server() -> Iterator[MailServer]:
    """A server without TLS."""
    with serve() as server:
        yield server


@pytest.fixture
def starttls_server(authority: trustme.CA) -> Iterator[MailServer]:
    """A server with STARTTLS and a trusted certificate."""
    with serve(_context(authority), require_starttls=True) as server:
        yield server


@pytest.fixture
def stranger_server() -> Iterator[MailServer]:
    """A server with STARTTLS and an untrusted certificate."""
    with serve(_context(trustme.CA())) as server:
        yield server
