import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from redis import Redis
from tests.support.clock import START
from tests.support.core_app import EMAIL, PASSWORD, CoreApp
from tests.support.redisserver import RedisDatabase, RedisServer

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.records import CounterRecord, Revocation, TokenType
from streamlit_persistauth.errors import AuthError, ConfigError, StoreError
from streamlit_persistauth.stores.redis.clients import open_redis
from streamlit_persistauth.stores.redis.tokens import PREFIX, RedisTokenStore
from streamlit_persistauth.testing.rows import handoff_record, session_record


@pytest.fixture
def client(redis: RedisDatabase) -> Iterator[Redis]:
    """A client of an empty Redis."""
    redis.flush()
    with open_redis(redis.url) as opened:
        yield opened


@pytest.fixture
def tokens(client: Redis) -> RedisTokenStore:
    """A store in it."""
    return RedisTokenStore(client)


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """A Redis that a test may stop."""
    server = RedisServer()
    yield server
    server.stop()


def life(client: Redis, name: str) -> float:
    """Return when a key expires, in seconds since 1970."""
    seconds, microseconds = client.time()
    return float(seconds + microseconds / 1e6 + client.pttl(PREFIX + name) / 1000)


def kept_names(client: Redis) -> set[str]:
    """Return the keys without their prefix; results of operations expire soon, and are left out."""
    names = {key.removeprefix(PREFIX) for key in client.scan_iter()}
    results = {name for name in names if name.startswith("done:")}
    assert all(60_000 < client.pttl(PREFIX + name) <= 65_000 for name in results)
    return names - results


def test_expiry_by_redis(client: Redis, tokens: RedisTokenStore) -> None:
    """All keys of a record expire with it, except the indexes for counting."""
    session = session_record("ada")
    tokens.put(session)
    tokens.swap_count("key", None, CounterRecord(1, START, START + timedelta(hours=1)))
    expected = {
        f"record:{session.id}": session.expires_at,
        f"hash:{session.token_hash}": session.expires_at,
        f"session:{session.session_id}": session.expires_at,
        "user:ada": session.expires_at,
        "counter:key": START + timedelta(hours=1),
    }
    for name, moment in expected.items():
        assert abs(life(client, name) - moment.timestamp()) < 1, name
    counted = {f"{what}:{kind}" for what in ("expiry", "made") for kind in ("session", "counter")}
    assert kept_names(client) == {*expected, *counted}


def test_index_expires_with_last_session(client: Redis, tokens: RedisTokenStore) -> None:
    """The index of a user expires with the last session, in whatever order they were added."""
    for days in (3, 0):
        tokens.put(session_record("ada", created_at=START + timedelta(days=days)))
    last = START + timedelta(days=4)
    assert abs(life(client, "user:ada") - last.timestamp()) < 1


def test_nothing_is_left(client: Redis, tokens: RedisTokenStore) -> None:
    """Revoked sessions, consumed tokens and deleted counters leave a log of an hour at most."""
    session = session_record("ada")
    handoff = handoff_record(session)
    for record in (session, handoff, session_record("ada")):
        tokens.put(record)
    tokens.swap(session, replace(session, token_hash="a" * 64))
    tokens.consume(TokenType.HANDOFF, handoff.token_hash)
    tokens.end_user("ada")
    counter = CounterRecord(1, START, START + timedelta(hours=1))
    tokens.swap_count("key", None, counter)
    tokens.swap_count("key", counter, None)
    assert kept_names(client) == {"revocations"}
    assert 0 < client.ttl(f"{PREFIX}revocations") <= 3600


def test_log_of_revocations_is_bounded(client: Redis, tokens: RedisTokenStore) -> None:
    """The log keeps its newest 10,000 entries, also if the clock was ahead before."""
    ahead = int(START.timestamp() * 1_000_000)
    client.zadd(
        f"{PREFIX}revocations", {f"old-{number}": ahead + number for number in range(10_000)}
    )
    tokens.end_user("ada")
    assert client.zcard(f"{PREFIX}revocations") == 10_000
    assert client.zscore(f"{PREFIX}revocations", "old-0") is None
    last = tokens.last_revocation()
    assert last == ahead + 10_000
    assert tokens.revocations_after(last - 1, limit=9) == [Revocation(last, "ada")]


def test_counts_forget_what_has_expired(client: Redis, tokens: RedisTokenStore) -> None:
    """Records that Redis has let expire leave the counts when a new one is added."""
    old = session_record("ada", created_at=START - timedelta(days=9999))
    tokens.put(old)
    assert client.get(f"{PREFIX}record:{old.id}") is None
    tokens.put(session_record("ada"))
    assert client.zcard(f"{PREFIX}expiry:session") == 1
    assert client.zcard(f"{PREFIX}made:session") == 1


def test_many(tokens: RedisTokenStore) -> None:
    """More sessions than one call may touch are all found, and all purged."""
    records = [session_record("ada") for _ in range(1500)]
    for record in records:
        tokens.put(record)
    ids = [record.session_id for record in records]
    assert {record.session_id for record in tokens.find_sessions([*ids, new_id()])} == set(ids)
    assert tokens.purge(START + timedelta(days=2)) == 1500


def test_hash_of_another(tokens: RedisTokenStore) -> None:
    """A record with the hash of another one is refused, and nothing changes."""
    session = session_record("ada")
    tokens.put(session)
    with pytest.raises(StoreError):
        tokens.put(replace(session, id=new_id()))
    assert tokens.find(TokenType.SESSION, session.token_hash) == session


def test_prefixes_are_apart(client: Redis, tokens: RedisTokenStore) -> None:
    """Two apps on one Redis do not see each other's records."""
    session = session_record("ada")
    tokens.put(session)
    other = RedisTokenStore(client, prefix="{other}:")
    assert other.find_session(session.session_id) is None
    assert other.end_user("ada") == 0
    assert tokens.find_session(session.session_id) == session


@pytest.mark.parametrize("text", ["nonsense", "{}", "[]", "1", '{"token_type": "odd"}'])
def test_damaged(
    client: Redis, tokens: RedisTokenStore, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A malformed record or counter raises StoreError, and the log holds no part of it."""
    session = session_record("ada")
    tokens.put(session)
    client.set(f"{PREFIX}record:{session.id}", text)
    client.set(f"{PREFIX}counter:key", text)
    for call in (
        lambda: tokens.find(TokenType.SESSION, session.token_hash),
        lambda: tokens.count("key"),
    ):
        with pytest.raises(StoreError):
            call()
    assert text == "1" or text not in caplog.text


@pytest.mark.parametrize("url", ["redis://[::1", "redis://host:port"])
def test_malformed_url(url: str) -> None:
    """A malformed URL raises ConfigError."""
    with pytest.raises(ConfigError) as caught:
        open_redis(url).ping()
    assert caught.value.setting == "PERSISTAUTH_TOKEN_STORE_URL"


def core_on(url: str) -> CoreApp:
    """An app with accounts in memory and sessions in Redis."""
    return CoreApp(tokens=RedisTokenStore(open_redis(url)))  # type: ignore[arg-type]


def test_flushed(redis: RedisDatabase) -> None:
    """When Redis has lost its data, users are signed out and can sign in again."""
    core = core_on(redis.url)
    user = core.add_user()
    text = core.sessions.issue(core.sign_in(user)).text
    assert core.sessions.resume(text).user == user
    redis.flush()
    with pytest.raises(AuthError):
        core.sessions.resume(text)
    again = core.accounts.authenticate(EMAIL, PASSWORD)
    assert again.user.id == user.id
    text = core.sessions.issue(core.sign_in(again.user)).text
    assert core.sessions.resume(text).user.id == user.id


def test_power_cut(server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    """While Redis is down nobody is signed in or out; afterwards every session is valid."""
    core = core_on(server.url)
    user = core.add_user()
    kept = core.sessions.issue(core.sign_in(user)).text
    ended = core.start(user)
    ended_text = core.sessions.issue(ended.id).text
    core.sessions.end(ended.id)
    server.kill()
    for call in (
        lambda: core.sessions.resume(kept),
        lambda: core.sessions.end(ended.id),
        lambda: core.accounts.authenticate(EMAIL, PASSWORD),
        lambda: core.sign_in(user),
    ):
        caplog.clear()
        with pytest.raises(StoreError) as caught:
            call()
        assert str(caught.value) == "Sign-in is unavailable right now. Please try again later."
        assert caught.value.__suppress_context__
        assert "Traceback" not in caplog.text
    server.start()
    assert core.sessions.resume(kept).user.id == user.id
    with pytest.raises(AuthError):
        core.sessions.resume(ended_text)


def test_times_are_exact(tokens: RedisTokenStore) -> None:
    """Times keep their microseconds, even far in the past and future."""
    far = datetime.fromisoformat("2123-04-05T06:07:08.999999+00:00")
    session = replace(session_record("ada", created_at=far), last_used_at=far)
    tokens.put(session)
    assert tokens.find_session(session.session_id) == session
    assert tokens.counts(START)["session"].oldest == far


def test_text_is_data(client: Redis, tokens: RedisTokenStore) -> None:
    """A user agent is kept unchanged, as plain JSON."""
    session = replace(session_record("ada"), user_agent='a"b\\c\u2028\x00é😀{persistauth}:')
    tokens.put(session)
    assert tokens.find_session(session.session_id) == session
    stored = client.get(f"{PREFIX}record:{session.id}")
    assert json.loads(str(stored))["user_agent"] == session.user_agent
