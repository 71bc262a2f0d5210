"""Races between processes, which share only the database."""

from typing import TYPE_CHECKING

import pytest
from tests.support import workers
from tests.support.core_app import EMAIL, CoreApp
from tests.support.races import in_processes
from tests.support.servers import empty_url

from streamlit_persistauth.core.storage.queries import UserQuery
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine

if TYPE_CHECKING:
    from tests.support.redisserver import RedisDatabase


SERVERS = [
    pytest.param(kind, marks=pytest.mark.slow) for kind in ("postgresql", "mariadb", "redis")
]


@pytest.fixture(params=["sqlite", *SERVERS])
def url(request: pytest.FixtureRequest) -> str:
    """A database with tables, or one with a Redis for the sessions."""
    kind = request.param
    url = empty_url("sqlite" if kind == "redis" else kind, request)
    database = Database(open_engine(url))
    database.create_tables()
    database.engine.dispose()
    if kind != "redis":
        return url
    server: RedisDatabase = request.getfixturevalue("redis")
    server.flush()
    return f"{url} {server.url}"


def test_reset_token(url: str) -> None:
    """Of four processes with one reset token, one sets a password."""
    with workers.core_on(url) as core:
        core.add_user()
        token = core.resets.create(EMAIL)
    answers = in_processes(workers.reset_password, url, token or "", count=4)
    assert sorted(answers) == ["done", *["invalid_link"] * 3]


def test_renewal(url: str) -> None:
    """Of four processes that renew one credential, one gets a successor, which is valid in all."""
    with workers.core_on(url) as core:
        credential = core.sessions.issue(core.sign_in(core.add_user()))
    made = [text for text in in_processes(workers.renew, url, credential.text, count=4) if text]
    assert len(made) == 1
    assert in_processes(workers.resume, url, made[0], count=4) == ["done"] * 4
    assert in_processes(workers.resume, url, credential.text, count=4) == ["done"] * 4


def test_registration(url: str) -> None:
    """Of four processes that register one address, one gets the account."""
    answers = in_processes(workers.register, url, count=4)
    assert sorted(answers) == ["done", *["email_taken"] * 3]


def test_username(url: str) -> None:
    """Of four processes that register one user name, one gets the account."""
    answers = in_processes(workers.register_username, url, count=4)
    assert sorted(answers) == ["done", *["username_taken"] * 3]


def test_first_account(url: str) -> None:
    """Of four processes that register with valid codes, one gets an account, an administrator."""
    answers = in_processes(workers.register_first, url, count=4)
    assert sorted(answers) == ["done", *["registration_closed"] * 3]
    with workers.core_on(url) as core:
        assert core.user_admin.find(UserQuery()).total == 1
        assert core.user_admin.find(UserQuery(role="admin")).total == 1


def test_session_limit(url: str) -> None:
    """Four processes that sign in five times each leave the maximum number of sessions."""
    with workers.core_on(url) as core:
        user = core.add_user()
    in_processes(workers.sign_in, url, count=4)
    with workers.core_on(url) as core:
        assert isinstance(core, CoreApp)
        assert len(core.sessions.live(user.id)) == 3


def test_last_admin(url: str) -> None:
    """Four processes that disable both administrators leave one of them."""
    with workers.core_on(url) as core:
        for name in ("ada", "bob"):
            core.add_user(f"{name}@example.com", roles=("admin",))
    answers = in_processes(workers.disable_both, url, count=4)
    assert "last_admin" in " ".join(answers)
    with workers.core_on(url) as core:
        assert core.user_admin.find(UserQuery(role="admin", status="active")).total == 1
