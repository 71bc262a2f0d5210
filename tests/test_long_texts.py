"""A megabyte in each text that comes from outside costs next to nothing: it is measured first."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median

import pytest
from click.testing import CliRunner
from tests.support.house import CLIENT, EMAIL, PASSWORD, House

from streamlit_persistauth import Authenticator
from streamlit_persistauth.cli import main
from streamlit_persistauth.core.addresses import believed_address
from streamlit_persistauth.core.devices import device_of
from streamlit_persistauth.core.imports import Imports, Newcomer
from streamlit_persistauth.core.initials import initials
from streamlit_persistauth.core.keys import generate_key
from streamlit_persistauth.core.languages import matching
from streamlit_persistauth.core.policy import PasswordPolicy
from streamlit_persistauth.core.queries import EventQuery, UserQuery
from streamlit_persistauth.core.records import TokenType, UserRecord
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
    """Return the kinds of text that take too much processor time, the median of three times."""

    def once(text: str) -> float:
        begin = time.process_time()
        with suppress(AuthError):
            feed(text)
        return time.process_time() - begin

    found = {kind: median(once(text) for _ in range(3)) for kind, text in TEXTS.items()}
    return {kind: seconds for kind, seconds in found.items() if seconds >= SECONDS}


PUBLIC: dict[str, Callable[[Authenticator, str], object]] = {
    "login, email": lambda auth, text: auth.login(text, PASSWORD),
    "login, password": lambda auth, text: auth.login(EMAIL, text),
    "register, email": lambda auth, text: auth.register(text, PASSWORD),
    "register, password": lambda auth, text: auth.register("bob@example.com", text),
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


def imported(house: House, newcomer: Newcomer) -> object:
    """Take in an account that another system has."""
    imports = Imports(house.users, hasher=house.hasher, events=house.recorder, clock=house.clock)
    return list(imports.take_in([newcomer], source="test"))


POLICY = PasswordPolicy(min_length=8, app_name="Orchard")

CORE: dict[str, Callable[[House, str], object]] = {
    "password proof": lambda house, text: house.accounts.prove(owner(house), text),
    "change of password": lambda house, text: house.accounts.change_password(
        owner(house), PASSWORD, text
    ),
    "change of name": lambda house, text: house.accounts.change_name(owner(house), text),
    "change of address": lambda house, text: house.confirmations.change_email(
        owner(house), PASSWORD, text
    ),
    "confirmation, token": lambda house, text: house.confirmations.confirm(text, PASSWORD),
    "confirmation, request": lambda house, text: house.confirmations.request(text),
    "invitation, token": lambda house, text: house.invitations.accept(text, PASSWORD),
    "invitation, password": lambda house, text: house.invitations.accept(invited(house), text),
    "invitation, name": lambda house, text: house.invitations.accept(
        invited(house), PASSWORD, full_name=text
    ),
    "reset, request": lambda house, text: house.resets.request(text),
    "credential": lambda house, text: house.sessions.resume(text),
    "renewal": lambda house, text: house.sessions.renew(text),
    "handoff code": lambda house, text: house.sessions.redeem(text, browser="browser"),
    "handoff browser": lambda house, text: house.sessions.redeem("code", browser=text),
    "handle": lambda house, text: house.handles.redeem(text, client=CLIENT),
    "link": lambda house, text: house.links.look_up(TokenType.RESET, text),
    "session id": lambda house, text: house.sessions.resume_session(text),
    "search, text": lambda house, text: house.directory.find(UserQuery(text=text)),
    "search, role": lambda house, text: house.directory.find(UserQuery(role=text)),
    "store search, text": lambda house, text: house.users.page(UserQuery(text=text)),
    "store search, role": lambda house, text: house.users.page(UserQuery(role=text)),
    "id or address": lambda house, text: house.directory.get(text),
    "roles": lambda house, text: house.directory.set_roles(owner(house), [text]),
    "events of a user": lambda house, text: house.journal.find(EventQuery(user_id=text)),
    "events of a type": lambda house, text: house.journal.find(EventQuery(types=(text,))),
    "browser": lambda house, text: house.sessions.start(
        record(house), remember=True, client=Client(CLIENT.ip_address, text)
    ),
    "browser of a try": lambda house, text: house.accounts.authenticate(
        EMAIL, "wrong-Kettle-93", client=Client(CLIENT.ip_address, text)
    ),
    "network of a try": lambda house, text: house.accounts.authenticate(
        EMAIL, "wrong-Kettle-93", client=Client(text)
    ),
    "import, label": lambda house, text: imported(house, Newcomer(text)),
    "import, email": lambda house, text: imported(house, Newcomer("x", text, password=PASSWORD)),
    "import, name": lambda house, text: imported(
        house, Newcomer("x", "bob@example.com", text, password=PASSWORD)
    ),
    "import, role": lambda house, text: imported(
        house, Newcomer("x", "bob@example.com", password=PASSWORD, roles=(text,))
    ),
    "import, hash": lambda house, text: imported(
        house, Newcomer("x", "bob@example.com", password_hash=text)
    ),
    "import, password": lambda house, text: imported(
        house, Newcomer("x", "bob@example.com", password=text)
    ),
    "stored hash": lambda house, text: house.hasher.verify(PASSWORD, text),
    "draft of a password": lambda _, text: POLICY.judge(text),
    "name beside a draft": lambda _, text: POLICY.judge(PASSWORD, full_name=text),
    "address beside a draft": lambda _, text: POLICY.judge(PASSWORD, email=text),
    "language": lambda _, text: matching(text),
    "device": lambda _, text: device_of(text),
    "initials": lambda _, text: initials(text, text),
    "peer": lambda _, text: believed_address(text, "", ()),
    "forwarded for": lambda _, text: believed_address("203.0.113.7", text, ()),
    "forwarded for, in parts": lambda _, text: believed_address(
        "203.0.113.7", ",".join(text[:500_000]), ()
    ),
}


def record(house: House) -> UserRecord:
    """The stored account."""
    found = house.users.find(EMAIL)
    assert isinstance(found, UserRecord)
    return found


def owner(house: House) -> str:
    """The id of the account."""
    return record(house).user.id


def invited(house: House) -> str:
    """The token of an invitation."""
    return house.invitations.create("eve@example.com")


@pytest.mark.parametrize("place", CORE)
def test_core(house: House, place: str) -> None:
    """Each text that the core takes."""
    house.add_user()
    POLICY.judge(PASSWORD)  # loads the tables of zxcvbn
    assert costs(lambda text: CORE[place](house, text)) == {}


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
    url = auth._parts.database.engine.url.render_as_string(hide_password=False)

    def run(text: str) -> None:
        arguments = [part.replace("{}", text) for part in COMMANDS[command]]
        result = CliRunner().invoke(main, [*arguments, "--database", url], input=f"{PASSWORD}\n")
        assert result.exit_code in {0, 1}

    assert costs(run) == {}
