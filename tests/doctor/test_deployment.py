"""Each fault of a deployment is found."""

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from sqlalchemy import create_engine, inspect
from tests.doctor.conftest import SERVED, Examine, faults
from tests.support import vectors
from tests.support.redisserver import RedisDatabase

from streamlit_persistauth.core.sessions.key_strength import find_weakness, generate_key
from streamlit_persistauth.doctor.examination import examine
from streamlit_persistauth.doctor.finding import Finding, Severity
from streamlit_persistauth.doctor.tokens import check_durability
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.stores.redis.tokens import Durability
from streamlit_persistauth.wiring.services import AppConfig, services_for

if TYPE_CHECKING:
    from tests.support.sqlserver import SQLDatabases

    from streamlit_persistauth.core.storage.protocols import TokenStore

GUARDED = "auth.guard()\n"
MAIL = {
    "PERSISTAUTH_SMTP_URL": "smtp://mail.example",
    "PERSISTAUTH_MAIL_FROM": "app@example.com",
    "PERSISTAUTH_PUBLIC_URL": "https://app.example.com",
    "PERSISTAUTH_TRUSTED_PROXIES": "127.0.0.1",
}
UNUSED = "postgresql+psycopg://nobody:canary@127.0.0.1:1/none"


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], None]:
    """Return a function that sets environment variables; an empty text unsets one."""

    def change(values: dict[str, str]) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
            if not value:
                monkeypatch.delenv(name)

    return change


FAULTS: list[tuple[str, dict[str, str], str, Severity]] = [
    ("key-missing", {"JWT_SECRET_KEY": ""}, GUARDED, Severity.WARNING),
    ("key-weak", {"JWT_SECRET_KEY": "canary"}, GUARDED, Severity.ERROR),
    ("key-weak", {"JWT_PREVIOUS_KEYS": "canary"}, GUARDED, Severity.ERROR),
    ("pepper-weak", {"PERSISTAUTH_PEPPER": "canary"}, GUARDED, Severity.ERROR),
    ("hash-cheap", {"PERSISTAUTH_BCRYPT_ROUNDS": "4"}, GUARDED, Severity.WARNING),
    ("debug-on", {"DEBUG_AUTH": "true"}, GUARDED, Severity.NOTE),
    ("settings-malformed", {"TOKEN_EXPIRY_HOURS": "soon"}, GUARDED, Severity.ERROR),
    ("settings-malformed", {"PERSISTAUTH_COLOUR": "red"}, GUARDED, Severity.ERROR),
    ("database-unknown", {"PERSISTAUTH_DATABASE_URL": "nonsense"}, GUARDED, Severity.ERROR),
    ("database-memory", {"PERSISTAUTH_DATABASE_URL": "sqlite://"}, GUARDED, Severity.WARNING),
    (
        "database-unreachable",
        {"PERSISTAUTH_DATABASE_URL": "sqlite:///none/app.db"},
        GUARDED,
        Severity.ERROR,
    ),
    ("database-unreachable", {"PERSISTAUTH_DATABASE_URL": UNUSED}, GUARDED, Severity.ERROR),
    ("tables-missing", {}, GUARDED, Severity.NOTE),
    ("registration-first", {}, GUARDED, Severity.NOTE),
    ("first-account-public", MAIL, GUARDED, Severity.WARNING),
    ("registration-open", {"PERSISTAUTH_REGISTRATION": "open"}, GUARDED, Severity.NOTE),
    (
        "domains-unproven",
        {"PERSISTAUTH_REGISTRATION": "open", "PERSISTAUTH_REGISTRATION_DOMAINS": "example.org"},
        GUARDED,
        Severity.WARNING,
    ),
    ("memory-sessions", {"PERSISTAUTH_TOKEN_STORE_URL": "memory://"}, GUARDED, Severity.WARNING),
    (
        "memory-shared",
        {"PERSISTAUTH_TOKEN_STORE_URL": "memory://", "WEB_CONCURRENCY": "4"},
        GUARDED,
        Severity.ERROR,
    ),
    (
        "token-store-unreachable",
        {"PERSISTAUTH_TOKEN_STORE_URL": "redis://:canary@127.0.0.1:1/0"},
        GUARDED,
        Severity.ERROR,
    ),
    ("token-store-unreachable", {"PERSISTAUTH_TOKEN_STORE_URL": UNUSED}, GUARDED, Severity.ERROR),
    ("token-store-unknown", {"PERSISTAUTH_TOKEN_STORE_URL": "nonsense"}, GUARDED, Severity.ERROR),
    ("cookie-plain", {}, GUARDED, Severity.NOTE),
    ("cookie-name-default", {}, GUARDED + SERVED, Severity.NOTE),
    (
        "served-incomplete",
        {},
        GUARDED + "app = st.App(__file__, routes=auth.routes())",
        Severity.WARNING,
    ),
    ("served-incomplete", {}, GUARDED + "app = st.App(__file__)", Severity.WARNING),
    ("cache-query-param", {}, 'Authenticator(cache="query_param").guard()', Severity.WARNING),
    ("cache-local-storage", {}, 'Authenticator(cache=["local_storage"]).guard()', Severity.NOTE),
    (
        "cache-cookies-controller",
        {},
        'Authenticator(cache="cookies_controller").guard()',
        Severity.WARNING,
    ),
    ("memory-sessions", {}, 'Authenticator(tokens="memory://").guard()', Severity.WARNING),
    ("database-memory", {}, 'Authenticator("sqlite://").guard()', Severity.WARNING),
    ("database-in-code", {}, "Authenticator(engine()).guard()", Severity.NOTE),
    ("settings-in-code", {}, "Authenticator(settings=mine()).guard()", Severity.NOTE),
    ("frames-unnamed", {"PERSISTAUTH_EMBEDDED": "on"}, GUARDED + SERVED, Severity.WARNING),
    ("csp-missing", {}, GUARDED + SERVED, Severity.NOTE),
    ("setting-without-effect", {"PERSISTAUTH_CSP": "strict"}, GUARDED, Severity.WARNING),
    ("setting-without-effect", {"PERSISTAUTH_PROTECT_FILES": "on"}, GUARDED, Severity.WARNING),
    ("mail-missing", {}, GUARDED, Severity.NOTE),
    ("mail-from-missing", MAIL | {"PERSISTAUTH_MAIL_FROM": ""}, GUARDED, Severity.ERROR),
    ("public-url-missing", MAIL | {"PERSISTAUTH_PUBLIC_URL": ""}, GUARDED, Severity.WARNING),
    ("public-url-missing", {}, "Authenticator(mailer=mine()).guard()", Severity.WARNING),
    (
        "verification-without-mail",
        {"PERSISTAUTH_EMAIL_VERIFICATION": "on"},
        GUARDED,
        Severity.ERROR,
    ),
    (
        "public-url-insecure",
        MAIL | {"PERSISTAUTH_PUBLIC_URL": "http://app.example.com"},
        GUARDED,
        Severity.WARNING,
    ),
    ("proxies-unset", MAIL | {"PERSISTAUTH_TRUSTED_PROXIES": ""}, GUARDED, Severity.WARNING),
    (
        "proxies-everybody",
        MAIL | {"PERSISTAUTH_TRUSTED_PROXIES": "0.0.0.0/0"},
        GUARDED,
        Severity.ERROR,
    ),
    ("proxies-everybody", MAIL | {"PERSISTAUTH_TRUSTED_PROXIES": "::/0"}, GUARDED, Severity.ERROR),
    ("proxies-uvicorn", MAIL | {"FORWARDED_ALLOW_IPS": "*"}, GUARDED, Severity.WARNING),
    ("proxies-uvicorn", {"FORWARDED_ALLOW_IPS": "127.0.0.1, ::/0"}, GUARDED, Severity.WARNING),
]


@pytest.mark.parametrize("fault", FAULTS, ids=[item[0] for item in FAULTS])
def test_found(
    look: Examine,
    settings: Callable[[dict[str, str]], None],
    fault: tuple[str, dict[str, str], str, Severity],
) -> None:
    """A fault is found with a remedy, without secrets, and without further errors or warnings."""
    code, values, source, severity = fault
    settings(values)
    found = look(source)
    assert code in found
    assert found[code].severity is severity
    assert found[code].remedy
    assert "canary" not in str(found)
    is_public = "PERSISTAUTH_PUBLIC_URL" in values
    also = {"proxies-unset", "first-account-public"} if is_public else set()
    assert set(faults(found)) - also <= {code}


def test_complete(
    look: Examine, settings: Callable[[dict[str, str]], None], deployment: Path
) -> None:
    """A complete deployment under `st.App` has no findings, not even notes."""
    settings({**MAIL, "PERSISTAUTH_COOKIE_NAME": "bikes", "PERSISTAUTH_CSP": "strict"})
    services = services_for(AppConfig())
    services.accounts.register("ada@example.com", "plum-Kettle-93-orbit", roles=["admin"])
    assert look(GUARDED + SERVED) == {}
    assert (deployment / "persistauth.db").exists()


def test_no_administrator(look: Examine) -> None:
    """Accounts without an active administrator among them get a note."""
    users = services_for(AppConfig()).users
    services_for(AppConfig()).database.create_tables()
    assert "no-administrator" not in look(GUARDED)  # there is no account
    accounts = services_for(AppConfig()).accounts
    accounts.register("ada@example.com", "plum-Kettle-93-orbit", roles=["administrators"])
    root = accounts.register("root@example.com", "plum-Kettle-93-orbit", roles=["admin", "x"])
    assert "no-administrator" not in look(GUARDED)
    users.update(root.user.id, {"is_active": False})
    assert look(GUARDED)["no-administrator"].severity is Severity.NOTE
    assert "no-administrator" not in look("Authenticator(users=mine()).guard()")


def test_accounts_elsewhere(look: Examine) -> None:
    """Of accounts in a store of the app's own, it does not claim that there are none."""
    assert "registration-first" in look(GUARDED)
    assert "registration-first" not in look("Authenticator(users=mine()).guard()")


@pytest.mark.parametrize("allowed", ["127.0.0.1", "10.0.0.0/8, ::1", "unix:", ""])
def test_uvicorn_with_its_own_proxies(
    look: Examine, settings: Callable[[dict[str, str]], None], allowed: str
) -> None:
    """Proxies that uvicorn trusts by their addresses are accepted."""
    settings({"FORWARDED_ALLOW_IPS": allowed})
    assert "proxies-uvicorn" not in look(GUARDED)


@pytest.mark.parametrize(("cost", "found"), [(14, []), (15, ["hash-expensive"])])
def test_expensive_hash(
    look: Examine, settings: Callable[[dict[str, str]], None], cost: int, found: list[str]
) -> None:
    """A stored hash is found if its cost is more than 2 above the setting."""
    services = services_for(AppConfig())
    ada = services.accounts.register("ada@example.com", "plum-Kettle-93-orbit")
    services.users.update(ada.user.id, {"password_hash": f"$2b${cost}${'.' * 53}"})
    assert faults(look(GUARDED)) == found
    settings({"PERSISTAUTH_BCRYPT_ROUNDS": "13"})
    assert faults(look(GUARDED)) == []


@pytest.mark.parametrize(("login_by", "number"), [("email", 2), ("username", 1), ("either", 0)])
def test_accounts_that_cannot_sign_in(
    look: Examine, settings: Callable[[dict[str, str]], None], login_by: str, number: int
) -> None:
    """Accounts without the name that users sign in with are counted."""
    services = services_for(AppConfig(settings=AuthSettings(login_by="username")))
    for email, username in (("", "ada"), ("", "bob"), ("cleo@example.com", "cleo")):
        services.accounts.register(email, "plum-Kettle-93-orbit", username=username)
    by_email = services_for(AppConfig())
    by_email.accounts.register("dan@example.com", "plum-Kettle-93-orbit")
    settings({"PERSISTAUTH_LOGIN_BY": login_by})
    found = [item for item in look(GUARDED).values() if item.code == "no-login-name"]
    assert [item.message.partition(": ")[2].split(".")[0] for item in found] == (
        [str(number)] if number else []
    )


@pytest.mark.parametrize(
    ("email", "username", "found"),
    [
        ("NOT NULL", "", {"username": {"email-required"}, "either": {"email-required"}}),
        ("", "NOT NULL", {"email": {"username-required"}, "either": {"username-required"}}),
        ("NOT NULL DEFAULT ''", "NOT NULL DEFAULT ''", {}),
    ],
)
def test_required_login_names(
    look: Examine,
    settings: Callable[[dict[str, str]], None],
    email: str,
    username: str,
    found: dict[str, set[str]],
) -> None:
    """A table of an earlier app that requires a name which accounts may lack is found."""
    with closing(sqlite3.connect("persistauth.db")) as connection:
        connection.execute(
            f"CREATE TABLE users (id VARCHAR(36) PRIMARY KEY, email VARCHAR(191) {email},"
            f" username VARCHAR(80) {username}, password_hash VARCHAR(255), full_name TEXT,"
            " is_active BOOLEAN, created_at DATETIME)"
        )
    services_for(AppConfig()).database.create_tables()
    for login_by in ("email", "username", "either"):
        settings({"PERSISTAUTH_LOGIN_BY": login_by})
        codes = {code for code in look(GUARDED) if code.endswith("-required")}
        assert codes == found.get(login_by, set())


def test_addresses_that_an_upgrade_left_required(
    look: Examine, settings: Callable[[dict[str, str]], None]
) -> None:
    """An upgrade of SQLite that can't make addresses optional leaves a finding with the way."""
    services_for(AppConfig()).database.create_tables()
    with closing(sqlite3.connect("persistauth.db")) as connection:
        (statement,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'users'")
        changed = statement[0].replace("email VARCHAR(254)", "email  VARCHAR(254) NOT NULL")
        connection.executescript(f"DROP TABLE users; {changed}; UPDATE auth_schema SET version = 2")
    services_for(AppConfig(settings=AuthSettings(login_by="username"))).database.create_tables()
    settings({"PERSISTAUTH_LOGIN_BY": "username"})
    assert "sqlite.org" in look(GUARDED)["email-required"].remedy


def test_nothing_is_created(look: Examine, deployment: Path) -> None:
    """An examination creates no database, key or table."""
    look(GUARDED)
    assert {path.name for path in deployment.iterdir()} == {"app.py"}
    sqlite3.connect("persistauth.db").close()
    assert "tables-missing" in look(GUARDED)
    with closing(sqlite3.connect("persistauth.db")) as connection:
        assert connection.execute("SELECT * FROM sqlite_master").fetchall() == []


def test_published_key(look: Examine, settings: Callable[[dict[str, str]], None]) -> None:
    """A key of a public list is found."""
    listed = vectors.read("jwt/jwt.secrets.list").splitlines()
    settings(
        {
            "JWT_SECRET_KEY": next(
                key for key in listed if find_weakness(key) == "has been published"
            )
        }
    )
    assert faults(look(GUARDED)) == ["key-published"]


def test_pepper_missing(look: Examine, settings: Callable[[dict[str, str]], None]) -> None:
    """Previous peppers without a current one are an error."""
    settings({"PERSISTAUTH_PREVIOUS_PEPPERS": generate_key()})
    assert faults(look(GUARDED)) == ["pepper-missing"]
    settings({"PERSISTAUTH_PEPPER": generate_key()})
    assert faults(look(GUARDED)) == []


def test_key_file(
    look: Examine, settings: Callable[[dict[str, str]], None], deployment: Path
) -> None:
    """A key file that other users can read, or that is invalid, is found."""
    settings({"JWT_SECRET_KEY": ""})
    path = deployment / "persistauth.key"
    path.write_text(generate_key())
    path.chmod(0o600)
    assert faults(look(GUARDED)) == ["key-missing"]
    path.chmod(0o640)
    assert faults(look(GUARDED)) == ["key-missing", "key-open"]
    path.write_text("canary")
    assert "key-damaged" in look(GUARDED)


def test_settings_in_dotenv(look: Examine, deployment: Path) -> None:
    """Settings are read from `.env` too."""
    (deployment / ".env").write_text("PERSISTAUTH_BCRYPT_ROUNDS=4\n")
    assert faults(look(GUARDED)) == ["hash-cheap"]


@pytest.mark.parametrize(("stored", "code"), [(0, "tables-old"), (99, "tables-new")])
def test_versions(look: Examine, stored: int, code: str) -> None:
    """Tables of an older or newer version are found."""
    services_for(AppConfig()).database.create_tables()
    with closing(sqlite3.connect("persistauth.db")) as connection, connection:
        connection.execute("UPDATE auth_schema SET version = ?", (stored,))
    assert faults(look(GUARDED)) == [code]


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database on a server, set as the database of the app."""
    databases: SQLDatabases = request.getfixturevalue(request.param)
    url = databases.empty_database()
    monkeypatch.setenv("PERSISTAUTH_DATABASE_URL", url)
    return url


def codes(found: list[Finding]) -> set[str]:
    """Return the codes of findings."""
    return {finding.code for finding in found}


@pytest.mark.usefixtures("deployment", "server")
@pytest.mark.parametrize(("minutes", "words"), [(1, "ahead of"), (-1, "behind")])
def test_clock(minutes: int, words: str) -> None:
    """A clock that is ahead of or behind the database's is found."""
    services_for(AppConfig()).database.create_tables()
    assert "clock-skewed" not in codes(examine(None))
    wrong = timedelta(minutes=minutes)
    skewed = examine(None, clock=lambda: datetime.now(timezone.utc) + wrong)
    (finding,) = [it for it in skewed if it.code == "clock-skewed"]
    assert words in finding.message


@pytest.mark.usefixtures("deployment")
def test_server(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a server database a missing key is an error, and no table is created."""
    monkeypatch.delenv("JWT_SECRET_KEY")
    found = {finding.code: finding for finding in examine(None)}
    assert found["key-missing"].severity is Severity.ERROR
    assert "tables-missing" in found
    engine = create_engine(server)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    engine.dispose()


def test_redis(
    look: Examine, settings: Callable[[dict[str, str]], None], redis: RedisDatabase
) -> None:
    """A Redis server that answers is accepted."""
    settings({"PERSISTAUTH_TOKEN_STORE_URL": redis.url})
    assert faults(look(GUARDED)) == []


@pytest.mark.parametrize(
    ("durability", "replicas", "expected"),
    [
        (Durability(evicts=True, has_log=True, replicas=0), 0, ["redis-evicts"]),
        (Durability(evicts=False, has_log=False, replicas=0), 0, ["redis-forgets"]),
        (Durability(evicts=False, has_log=True, replicas=1), 2, ["redis-replicas-missing"]),
        (Durability(evicts=False, has_log=True, replicas=1), 0, ["redis-asynchronous"]),
        (Durability(evicts=False, has_log=True, replicas=1), 1, []),
        (None, 0, ["redis-unchecked"]),
    ],
)
def test_redis_durability(
    durability: Durability | None, replicas: int, expected: list[str]
) -> None:
    """A Redis that loses sign-ins, or brings back revoked ones, is found."""

    class Store:
        def durability(self) -> Durability:
            if durability is None:
                raise StoreError("refused")
            return durability

    found = check_durability(cast("TokenStore", Store()), replicas)
    assert [finding.code for finding in found] == expected


OPTIONS = {
    "xsrf-off": "[server]\nenableXsrfProtection = false\n",
    "cors-off": "[server]\nenableCORS = false\n",
    "agent-api-on": "[server]\nenableAgentApi = true\n",
    "trusted-headers": '[server.trustedUserHeaders]\n"X-User" = "email"\n',
    "session-ttl-long": "[server]\ndisconnectedSessionTTL = 3600\n",
    "static-open": "[server]\nenableStaticServing = true\n",
}


@pytest.mark.parametrize(("code", "toml"), OPTIONS.items(), ids=OPTIONS)
def test_streamlit_options(look: Examine, deployment: Path, code: str, toml: str) -> None:
    """Options of Streamlit are read from its configuration file."""
    from streamlit import config

    if code == "agent-api-on" and "server.enableAgentApi" not in config.get_config_options():
        return  # this version of Streamlit does not have the option
    assert code not in look(GUARDED)
    folder = deployment / ".streamlit"
    folder.mkdir()
    (folder / "config.toml").write_text(toml)
    found = look(GUARDED)
    assert code in found
    also = {"first-account-public"} if code == "cors-off" else set()
    assert set(faults(found)) - also <= {code}


def test_options_of_the_environment(look: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options of Streamlit are read from the environment too."""
    monkeypatch.setenv("STREAMLIT_SERVER_ENABLE_CORS", "false")
    assert "cors-off" in look(GUARDED)
    assert os.environ["STREAMLIT_SERVER_ENABLE_CORS"] == "false"


def test_reference() -> None:
    """The reference lists exactly the codes in the source."""
    root = Path(__file__).parents[2]
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (root / "src" / "streamlit_persistauth" / "doctor").glob("*.py")
    )
    used = set(re.findall(r'(?:error|warning|note)\(\s*f?"([a-z{}]+(?:-[a-z{}]+)+)"', source))
    kinds = {"kind": ("key", "pepper", "fragment", "dialog"), "state": ("weak", "published")}
    text = (root / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    table = text.partition("| code | severity |")[2].partition("\n\n")[0]
    listed = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", table))
    made = {code for code in used if "{" in code}
    assert made == {"{kind}-{state}", "{kind}-unguarded", "{field}-required"}
    expected = {f"{kind}-{state}" for kind in kinds["kind"][:2] for state in kinds["state"]}
    expected |= {"fragment-unguarded", "dialog-unguarded", "email-required", "username-required"}
    assert listed == (used - made) | expected
