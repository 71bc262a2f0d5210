import logging
import traceback
from pathlib import Path

import pytest
from tests.support.core_app import CLIENT, EMAIL, CoreApp
from tests.support.failing import FailingStore
from tests.support.forgery import KEY

from streamlit_persistauth.core.passwords.hasher import PasswordHasher
from streamlit_persistauth.core.storage.records import EventRecord
from streamlit_persistauth.errors import AuthError
from streamlit_persistauth.stores.sql import SQLEventStore, SQLTokenStore, SQLUserStore
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine

SECRET = "canary-Kettle-93-orbit"
OTHER = "canary-Anvil-27-mosaic"
PEPPER = "canary-pepper-Gx7-plum"


def test_no_secret_is_kept_or_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Passwords, tokens, keys and peppers are in no table, log, error or event."""
    caplog.set_level(logging.DEBUG)
    database = Database(open_engine(f"sqlite:///{tmp_path / 'app.db'}"))
    tokens = FailingStore(SQLTokenStore(database))
    core = CoreApp(
        users=FailingStore(SQLUserStore(database)),
        tokens=tokens,
        event_store=SQLEventStore(database),
    )
    core.hasher.__init__(4, peppers=[PEPPER])  # type: ignore[misc]
    heard: list[EventRecord] = []
    shown: list[str] = []
    core.recorder.connect(heard.append)

    @core.recorder.connect
    def fail(event: EventRecord) -> None:
        raise ValueError(SECRET)

    def attempt(call: object, *args: str) -> None:
        try:
            assert callable(call)
            call(*args)
        except AuthError as error:
            shown.append(
                repr(error) + str(vars(error)) + "".join(traceback.format_exception(error))
            )

    user = core.accounts.register(EMAIL, SECRET, full_name="Ada").user
    owner = core.accounts.authenticate(EMAIL, SECRET, client=CLIENT)
    session = core.sessions.start(owner, remember=True, client=CLIENT)
    code = core.sessions.hand_off(session.id, user.id, browser="canary-browser")
    credential = core.sessions.redeem(code, browser="canary-browser")
    token_id = core.signer.verify(credential.text).token_id
    core.sessions.resume(credential.text)
    link = core.resets.create(EMAIL)
    assert link is not None
    attempt(core.resets.reset, link, "short")
    attempt(core.resets.reset, link + "x", OTHER)
    core.resets.reset(link, OTHER)
    for _ in range(7):
        attempt(core.accounts.authenticate, EMAIL, SECRET)
    attempt(core.sessions.resume, credential.text)
    attempt(core.password_changes.change, user.id, SECRET, OTHER)
    tokens.reset(fail_at=0)
    attempt(core.sessions.resume, credential.text)
    attempt(core.accounts.reauthenticate, user.id, OTHER)
    database.engine.dispose()

    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    logged = caplog.text + repr(heard) + "".join(shown)
    secrets = [SECRET, OTHER, PEPPER, KEY, token_id, credential.text, code, link, "canary-browser"]
    for secret in secrets:
        assert secret.encode() not in kept
        assert secret not in logged.replace(f"raise ValueError({SECRET})", "")
    assert "login_failed" in logged
    assert "throttled" in logged
    assert PasswordHasher(4, peppers=[PEPPER]).verify(OTHER, _hash(core, user.id))


def _hash(core: CoreApp, user_id: str) -> str:
    return str(core.users.get(user_id).password_hash)
