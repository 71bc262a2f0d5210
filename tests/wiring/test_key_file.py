import logging
import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import make_url
from tests.support.forgery import KEY
from tests.support.races import in_processes
from tests.support.workers import open_key

from streamlit_persistauth.core.sessions.jwt_signer import KeyRing, key_id
from streamlit_persistauth.core.sessions.key_strength import generate_key
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.wiring.key_file import key_path, open_key_ring

SQLITE = "sqlite:///app.db"
SERVER = "postgresql://user:canary@host/db"


@pytest.fixture(autouse=True)
def folder(clean_machine: Path) -> Path:
    """An empty working directory."""
    return clean_machine


def ring(url: str = SQLITE) -> KeyRing:
    """Return the keys of an app."""
    return open_key_ring(AuthSettings(), make_url(url))


def test_made_once(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Without a setting a key is created beside the database, logged once, and read again."""
    first = ring()
    assert [path.name for path in folder.iterdir()] == ["app.key"]
    assert len(caplog.messages) == 1
    assert "JWT_SECRET_KEY" in caplog.messages[0]
    assert "persistauth secret" in caplog.messages[0]
    key = (folder / "app.key").read_text().strip()
    assert key not in caplog.text
    assert first.current_id == key_id(key)
    assert ring().current_id == first.current_id
    assert len(caplog.messages) == 1


def test_readable_by_its_owner_alone(folder: Path) -> None:
    """The file has mode 0600, whatever the umask."""
    before = os.umask(0)
    try:
        ring()
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "app.key").stat().st_mode) == 0o600


def test_each_database_its_own() -> None:
    """Two databases have two keys."""
    assert ring().current_id != ring("sqlite:///other.db").current_id


def test_eight_processes(folder: Path) -> None:
    """Eight processes that start at once read the same key, and leave no other file."""
    answers = in_processes(open_key, f"sqlite:///{folder / 'app.db'}", count=8)
    assert len(set(answers)) == 1
    assert answers[0] == ring(f"sqlite:///{folder / 'app.db'}").current_id
    assert [path.name for path in folder.iterdir()] == ["app.key"]


def test_setting_wins(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A configured key is used, and none is created."""
    monkeypatch.setenv("JWT_SECRET_KEY", KEY)
    assert ring().current_id == key_id(KEY)
    assert list(folder.iterdir()) == []


def test_previous_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Former keys verify and do not sign."""
    old = generate_key()
    monkeypatch.setenv("JWT_SECRET_KEY", KEY)
    monkeypatch.setenv("JWT_PREVIOUS_KEYS", old)
    keys = ring()
    assert keys.current_id == key_id(KEY)
    assert keys.get(key_id(old)) == old.encode()


@pytest.mark.parametrize("url", [SQLITE, SERVER, "sqlite://"])
@pytest.mark.parametrize("key", ["", "canary", "a" * 64, "your-256-bit-secret-your-256-bit-secret"])
def test_weak_key(monkeypatch: pytest.MonkeyPatch, url: str, key: str) -> None:
    """A weak key is refused at the start, with the remedy and without the key."""
    monkeypatch.setenv("JWT_SECRET_KEY", key)
    with pytest.raises(ConfigError) as caught:
        ring(url)
    assert caught.value.setting == "JWT_SECRET_KEY"
    assert "persistauth secret" in str(caught.value)
    assert not key or key not in str(caught.value)


def test_weak_previous_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A weak former key is refused too: an attacker who guesses it could sign in."""
    monkeypatch.setenv("JWT_SECRET_KEY", KEY)
    monkeypatch.setenv("JWT_PREVIOUS_KEYS", f"{generate_key()},canary")
    with pytest.raises(ConfigError) as caught:
        ring()
    assert caught.value.setting == "JWT_PREVIOUS_KEYS"
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("url", [SERVER, "mysql+pymysql://user:canary@host/db"])
def test_missing_with_a_server(folder: Path, url: str) -> None:
    """With a database server, a missing key is an error that names the command to run."""
    with pytest.raises(ConfigError) as caught:
        ring(url)
    assert caught.value.setting == "JWT_SECRET_KEY"
    assert "persistauth secret" in str(caught.value)
    assert "canary" not in str(caught.value)
    assert list(folder.iterdir()) == []


def test_in_memory(folder: Path) -> None:
    """A database in memory gets a new key in memory each time."""
    assert ring("sqlite://").current_id != ring("sqlite:///:memory:").current_id
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"\n", b"short", b"\xff" * 64, b"a" * 64, b"\0" * 64])
def test_damaged_file(folder: Path, content: bytes) -> None:
    """A damaged file is an error that names it, and it is not overwritten."""
    (folder / "app.key").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        ring()
    assert "app.key is damaged" in str(caught.value)
    assert (folder / "app.key").read_bytes() == content


def test_missing_folder() -> None:
    """Where no file can be created, the error names the reason and the command to run."""
    with pytest.raises(ConfigError) as caught:
        ring("sqlite:///missing/app.db")
    assert "missing/app.key" in str(caught.value)
    assert "persistauth secret" in str(caught.value)


def test_file_is_a_folder(folder: Path) -> None:
    """Where a folder has the name of the file, the error names the reason."""
    (folder / "app.key").mkdir()
    with pytest.raises(ConfigError):
        ring()


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///app.db", Path("app.key")),
        ("sqlite:////var/lib/app.sqlite3", Path("/var/lib/app.key")),
        ("sqlite:///app", Path("app.key")),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
    ],
)
def test_place(url: str, path: Path | None) -> None:
    """The key of a file is beside it; a database in memory has none."""
    assert key_path(make_url(url)) == path


def test_ring_shows_no_key(caplog: pytest.LogCaptureFixture, folder: Path) -> None:
    """Neither the repr of the ring nor the log holds the generated key."""
    caplog.set_level(logging.DEBUG)
    shown = repr(ring())
    key = (folder / "app.key").read_text().strip()
    assert len(key) == 64
    assert key not in shown + caplog.text
