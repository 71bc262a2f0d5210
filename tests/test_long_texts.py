"""A megabyte in any external text costs little, because its length is checked first."""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from statistics import median

import pytest
from click.testing import CliRunner
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp

from streamlit_persistauth import Authenticator
from streamlit_persistauth.cli import main
from streamlit_persistauth.core.accounts.imports import ImportedAccount
from streamlit_persistauth.core.accounts.login_names import read_login_name
from streamlit_persistauth.core.devices import device_of
from streamlit_persistauth.core.passwords.policy import PasswordPolicy
from streamlit_persistauth.core.sessions.key_strength import generate_key
from streamlit_persistauth.core.storage.queries import EventQuery, UserQuery
from streamlit_persistauth.core.storage.records import TokenType, UserRecord
from streamlit_persistauth.core.text.initials import initials
from streamlit_persistauth.core.text.languages import matching
from streamlit_persistauth.core.throttle.client_ip import client_address
from streamlit_persistauth.errors import AuthError
from streamlit_persistauth.models import Client

SECONDS = 0.05
"""Of processor time: a name of combining marks alone took seven seconds of it."""
TEXTS = {
    "marks": "a" + "\u0315\u0300" * 250_000,
    "letters": "a" * 1_000_000,
    "spaces": " " * 1_000_000,
    "signs": "4@{" * 333_333,
    "address": "ada@" + "a." * 499_998,
    "words": "plum kettle " * 83_333,
    "token": ("e30." * 250_000)[:-1],
}

Feed = Callable[[str], object]


def costs(feed: Feed) -> dict[str, float]:
    """Return the kinds of text that take too much processor time, by the median of three."""

    def once(text: str) -> float:
        begin = time.process_time()
        with suppress(AuthError):
            feed(text)
        return time.process_time() - begin

    found = {kind: median(once(text) for _ in range(3)) for kind, text in TEXTS.items()}
    return {kind: seconds for kind, seconds in found.items() if seconds >= SECONDS}


@cache
def in_parts(text: str) -> str:
    """Return the text with commas between its characters; made once, so that it costs nothing."""
    return ",".join(text[:500_000])


PUBLIC: dict[str, Callable[[Authenticator, str], object]] = {
    "login, email": lambda auth, text: auth.login(text, PASSWORD),
    "login, password": lambda auth, text: auth.login(EMAIL, text),
    "register, email": lambda auth, text: auth.register(text, PASSWORD),
    "register, password": lambda auth, text: auth.register("bob@example.com", text),
    "register, username": lambda auth, text: auth.register(
        "bob@example.com", PASSWORD, username=text
    ),
    "register, name": lambda auth, text: auth.register("bob@example.com", PASSWORD, full_name=text),
    "invite, email": lambda auth, text: auth.invite(text),
    "invite, name": lambda auth, text: auth.invite("bob@example.com", full_name=text),
    "invite, role": lambda auth, text: auth.invite("bob@example.com", roles=[text]),
    "create_password_reset_token": lambda auth, text: auth.create_password_reset_token(text),
    "reset_password, token": lambda auth, text: auth.reset_password(text, PASSWORD),
    "reset_password, password": lambda auth, text: auth.reset_password("token", text),
    "list_sessions": lambda auth, text: auth.list_sessions(text),
    "revoke_session": lambda auth, text: auth.revoke_session(text),
    "logout_user": lambda auth, text: auth.logout_user(text),
    "has_role": lambda auth, text: auth.has_role(text),
    "verify": lambda auth, text: auth.verify(text),
    "user_of": lambda auth, text: auth.user_of({"Cookie": f"persistauth={text}"}),
    "user_of, cookies": lambda auth, text: auth.user_of({"Cookie": text}),
    "users.get": lambda auth, text: auth.users.get(text),
    "users.find": lambda auth, text: auth.users.find(text),
    "users.list": lambda auth, text: auth.users.list(text=text, role=text),
    "users.disable": lambda auth, text: auth.users.disable(text),
    "users.rename": lambda auth, text: auth.users.rename(EMAIL, text),
    "users.set_roles": lambda auth, text: auth.users.set_roles(EMAIL, [text]),
}


@pytest.fixture
def auth(clean_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Authenticator:
    """An app with one account, on SQLite."""
    monkeypatch.setenv("JWT_SECRET_KEY", generate_key())
    monkeypatch.setenv("PERSISTAUTH_BCRYPT_ROUNDS", "4")
    made = Authenticator(f"sqlite:///{clean_machine / 'app.db'}")
    made.register(EMAIL, PASSWORD)
    return made


@pytest.mark.parametrize("member", PUBLIC)
def test_authenticator(auth: Authenticator, member: str) -> None:
    """Each text argument of `Authenticator`."""
    assert costs(lambda text: PUBLIC[member](auth, text)) == {}


def imported(core: CoreApp, account: ImportedAccount) -> object:
    """Import an account of another system."""
    return list(core.imports.import_accounts([account], source="test"))


POLICY = PasswordPolicy(min_length=8, app_name="Orchard")

CORE: dict[str, Callable[[CoreApp, str], object]] = {
    "password proof": lambda core, text: core.accounts.reauthenticate(owner(core), text),
    "change of password": lambda core, text: core.password_changes.change(
        owner(core), PASSWORD, text
    ),
    "change of name": lambda core, text: core.accounts.change_name(owner(core), text),
    "user name": lambda core, text: core.login_names.find(read_login_name(text)),
    "change of user name": lambda core, text: core.user_admin.set_username(owner(core), text),
    "reminder": lambda core, text: core.username_reminders.request(text),
    "change of address": lambda core, text: core.confirmations.change_email(
        owner(core), PASSWORD, text
    ),
    "set-up code": lambda core, text: core.setup_codes.check(text),
    "confirmation, token": lambda core, text: core.confirmations.confirm(text, PASSWORD),
    "confirmation, request": lambda core, text: core.confirmations.request(text),
    "invitation, token": lambda core, text: core.invitations.accept(text, PASSWORD),
    "invitation, password": lambda core, text: core.invitations.accept(invited(core), text),
    "invitation, name": lambda core, text: core.invitations.accept(
        invited(core), PASSWORD, full_name=text
    ),
    "reset, request": lambda core, text: core.resets.request(text),
    "credential": lambda core, text: core.sessions.resume(text),
    "renewal": lambda core, text: core.sessions.renew(text),
    "handoff code": lambda core, text: core.sessions.redeem(text, browser="browser"),
    "handoff browser": lambda core, text: core.sessions.redeem("code", browser=text),
    "handle": lambda core, text: core.url_tokens.redeem(text, client=CLIENT),
    "link": lambda core, text: core.links.look_up(TokenType.RESET, text),
    "session id": lambda core, text: core.sessions.resume_session(text),
    "search, text": lambda core, text: core.user_admin.find(UserQuery(text=text)),
    "search, role": lambda core, text: core.user_admin.find(UserQuery(role=text)),
    "store search, text": lambda core, text: core.users.page(UserQuery(text=text)),
    "store search, role": lambda core, text: core.users.page(UserQuery(role=text)),
    "id or address": lambda core, text: core.user_admin.get(text),
    "roles": lambda core, text: core.user_admin.set_roles(owner(core), [text]),
    "events of a user": lambda core, text: core.event_log.find(EventQuery(user_id=text)),
    "events of a type": lambda core, text: core.event_log.find(EventQuery(types=(text,))),
    "browser": lambda core, text: core.sessions.start(
        record(core), remember=True, client=Client(CLIENT.ip_address, text)
    ),
    "browser of a try": lambda core, text: core.accounts.authenticate(
        EMAIL, "wrong-Kettle-93", client=Client(CLIENT.ip_address, text)
    ),
    "network of a try": lambda core, text: core.accounts.authenticate(
        EMAIL, "wrong-Kettle-93", client=Client(text)
    ),
    "import, label": lambda core, text: imported(core, ImportedAccount(text)),
    "import, email": lambda core, text: imported(
        core, ImportedAccount("x", text, password=PASSWORD)
    ),
    "import, user name": lambda core, text: imported(
        core, ImportedAccount("x", "bob@example.com", password=PASSWORD, username=text)
    ),
    "import, name": lambda core, text: imported(
        core, ImportedAccount("x", "bob@example.com", text, password=PASSWORD)
    ),
    "import, role": lambda core, text: imported(
        core, ImportedAccount("x", "bob@example.com", password=PASSWORD, roles=(text,))
    ),
    "import, hash": lambda core, text: imported(
        core, ImportedAccount("x", "bob@example.com", password_hash=text)
    ),
    "import, password": lambda core, text: imported(
        core, ImportedAccount("x", "bob@example.com", password=text)
    ),
    "stored hash": lambda core, text: core.hasher.verify(PASSWORD, text),
    "draft of a password": lambda _, text: POLICY.judge(text),
    "name beside a draft": lambda _, text: POLICY.judge(PASSWORD, full_name=text),
    "user name beside a draft": lambda _, text: POLICY.judge(PASSWORD, username=text),
    "address beside a draft": lambda _, text: POLICY.judge(PASSWORD, email=text),
    "language": lambda _, text: matching(text),
    "device": lambda _, text: device_of(text),
    "initials": lambda _, text: initials(text, text),
    "peer": lambda _, text: client_address(text, "", ()),
    "forwarded for": lambda _, text: client_address("203.0.113.7", text, ()),
    "forwarded for, in parts": lambda _, text: client_address("203.0.113.7", in_parts(text), ()),
}


def record(core: CoreApp) -> UserRecord:
    """The stored account."""
    found = core.users.find(EMAIL)
    assert isinstance(found, UserRecord)
    return found


def owner(core: CoreApp) -> str:
    """The id of the account."""
    return record(core).user.id


def invited(core: CoreApp) -> str:
    """The token of an invitation."""
    return core.invitations.create("eve@example.com")


@pytest.mark.parametrize("place", CORE)
def test_core(core: CoreApp, place: str) -> None:
    """Each text argument of the core."""
    core.add_user()
    POLICY.judge(PASSWORD)  # loads the tables of zxcvbn
    assert costs(lambda text: CORE[place](core, text)) == {}


COMMANDS = {
    "users add, email": ("users", "add", "{}", "--password-stdin"),
    "users add, name": ("users", "add", "b@example.com", "--name", "{}", "--password-stdin"),
    "users add, role": ("users", "add", "b@example.com", "--role", "{}", "--password-stdin"),
    "users list, text": ("users", "list", "--find", "{}"),
    "users list, role": ("users", "list", "--role", "{}"),
    "users show": ("users", "show", "{}"),
    "sessions list": ("sessions", "list", "--user", "{}"),
    "sessions revoke": ("sessions", "revoke", "{}"),
    "events": ("events", "--user", "{}"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_command_line(auth: Authenticator, command: str) -> None:
    """Each text argument of the command."""
    url = auth._services.database.engine.url.render_as_string(hide_password=False)

    def run(text: str) -> None:
        arguments = [part.replace("{}", text) for part in COMMANDS[command]]
        result = CliRunner().invoke(main, [*arguments, "--database", url], input=f"{PASSWORD}\n")
        assert result.exit_code in {0, 1}

    assert costs(run) == {}
