"""Sessions, single-use tokens and counters in Redis or Valkey, which delete expired ones."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, replace
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from itertools import count, islice
from time import monotonic
from typing import Any, Final, TypeVar

from redis import ConnectionError as RedisConnectionError
from redis import Redis, RedisError
from redis import TimeoutError as RedisTimeoutError
from redis.backoff import NoBackoff
from redis.retry import Retry

from streamlit_persistauth.core.storage.records import CounterRecord, TokenRecord, TokenType
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.models import TokenCounts
from streamlit_persistauth.stores.faults import STORE_TIMEOUT_SECONDS, Availability

PREFIX: Final = "{persistauth}:"
"""The prefix of all keys; the braces keep them on one node of a cluster."""
BATCH: Final = 1000
"""The number of records of one call at most, because Redis runs no other call meanwhile."""
COUNTER: Final = "counter"
FAULTS: Final = (RedisError, OSError, ValueError, TypeError, KeyError)
"""What a failing Redis raises; the last three for a record that can't be converted."""

R = TypeVar("R")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND: Final = timedelta(microseconds=1)


class RedisTokenStore:
    """Records and counters in Redis. Each change is one Lua script, so it is atomic."""

    def __init__(self, client: "Redis", *, prefix: str = PREFIX) -> None:
        """Configure the store; no connection is opened yet.

        Args:
            client: A client of redis-py with `decode_responses=True`, such as `open_redis`
                returns. For Sentinel, `Sentinel(...).master_for(name, decode_responses=True)`.
            prefix: The prefix of all keys; give each app on one Redis its own.
        """
        self._prefix = prefix
        script = files("streamlit_persistauth.stores.redis").joinpath("records.lua")
        self._script = client.register_script(script.read_text(encoding="utf-8"))
        self._client = client
        self.availability = Availability("Redis", client.ping)

    def put(self, record: TokenRecord) -> None:
        self._call("put", *_to_arguments(record))

    def find(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        record = self._read(_to_token, "find", token_hash)
        return record if record is not None and record.token_type is token_type else None

    def find_session(self, session_id: str) -> TokenRecord | None:
        found = self.find_sessions([session_id])
        return found[0] if found else None

    def find_sessions(self, session_ids: Collection[str]) -> list[TokenRecord]:
        ids = list(session_ids)
        return [
            record
            for start in range(0, len(ids), BATCH)
            for record in self._read_all(
                "of_sessions", TokenType.SESSION.value, *ids[start : start + BATCH]
            )
        ]

    def swap(self, old: TokenRecord, new: TokenRecord) -> bool:
        changed = _to_arguments(replace(new, revision=old.revision + 1))
        return bool(self._call("swap", old.id, old.revision, *changed))

    def consume(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        return self._read(_to_token, "consume", token_type.value, token_hash)

    def list_sessions(self, user_id: str) -> list[TokenRecord]:
        records = self._read_all("of_user", TokenType.SESSION.value, user_id)
        return sorted(records, key=lambda record: record.created_at, reverse=True)

    def page_sessions(self, now: datetime, *, offset: int, limit: int) -> list[TokenRecord]:
        # In batches, so that no other caller waits long.
        return list(islice(self._live_sessions(now), offset, offset + limit))

    def sessions_per_agent(self, now: datetime, *, limit: int) -> dict[str, int]:
        counts = Counter(record.user_agent or "" for record in self._live_sessions(now))
        return dict(counts.most_common(limit))

    def end_session(self, session_id: str) -> int:
        return int(self._call("end_session", session_id))

    def end_user(self, user_id: str, *, keep: str | None = None) -> int:
        return int(self._call("end_user", user_id, *([keep] if keep else [])))

    def count(self, key: str) -> CounterRecord | None:
        return self._guarded(lambda: _to_counter(self._client.get(f"{self._prefix}counter:{key}")))

    def swap_count(self, key: str, old: CounterRecord | None, new: CounterRecord | None) -> bool:
        expires_at = _microseconds(new.expires_at) if new else 0
        return bool(
            self._call("swap_count", key, _counter_text(old), _counter_text(new), expires_at)
        )

    def purge(self, expired_before: datetime) -> int:
        # Redis has deleted what has expired by its own clock.
        moment, purged = _microseconds(expired_before), 0
        for kind in (*[item.value for item in TokenType], COUNTER):
            batch = BATCH
            while batch == BATCH:
                batch = int(self._call("purge", kind, moment, BATCH))
                purged += batch
        return purged

    def counts(self, now: datetime) -> dict[str, TokenCounts]:
        kinds = [item.value for item in TokenType]
        answers = self._call("counts", _microseconds(now), *kinds)
        by_type = {
            kind: TokenCounts(live, expired, _moment(oldest))
            for kind, (live, expired, oldest) in zip(kinds, answers, strict=True)
        }
        return {kind: counts for kind, counts in by_type.items() if counts.live or counts.expired}

    def _live_sessions(self, now: datetime) -> Iterator[TokenRecord]:
        """Yield session records that expire after a moment, newest first."""
        for begin in count(0, BATCH):
            size, texts = self._call("newest", TokenType.SESSION.value, begin, BATCH)
            yield from (record for record in self._records(texts) if record.expires_at > now)
            if size < BATCH:
                return

    def _read_all(self, command: str, *arguments: str) -> list[TokenRecord]:
        return self._records(self._call(command, *arguments))

    def _records(self, texts: Collection[str]) -> list[TokenRecord]:
        return self._guarded(lambda: [_record(text) for text in texts])

    def _read(self, convert: Callable[[Any], R], command: str, *arguments: str) -> R:
        text = self._call(command, *arguments)
        return self._guarded(lambda: convert(text))

    def _call(self, command: str, *arguments: str | int) -> Any:  # noqa: ANN401 - by the command
        return self._guarded(
            lambda: self._script(keys=[self._prefix], args=[command, *arguments]), command
        )

    def _guarded(self, call: Callable[[], R], operation: str = "reading") -> R:
        """Return the result of a call.

        Args:
            call: Calls Redis, or converts what it has returned.
            operation: What the call does, for the log.

        Raises:
            StoreError: Redis fails, or a record can't be converted.
        """
        self.availability.require(operation)
        began = monotonic()
        try:
            result = call()
        except RedisTimeoutError:
            raise self.availability.timed_out(operation, began) from None
        except RedisConnectionError as error:
            raise self.availability.unreachable(operation, _describe(error)) from None
        except FAULTS as error:
            raise self.availability.refused(operation, _describe(error)) from None
        self.availability.answered()
        return result


def open_redis(url: str, *, timeout_seconds: float = STORE_TIMEOUT_SECONDS) -> "Redis":
    """Return a client for a URL; no connection is opened yet.

    A broken connection is opened once more, so the client survives a restart of Redis.

    Args:
        url: The URL of Redis.
        timeout_seconds: How long connecting or a call may take.

    Raises:
        ConfigError: The URL is invalid.
    """
    try:
        return Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
            retry=Retry(NoBackoff(), 1),
            retry_on_error=[RedisConnectionError],
        )
    except (ValueError, TypeError, RedisError):
        raise ConfigError(
            "PERSISTAUTH_TOKEN_STORE_URL",
            "a URL such as redis://localhost:6379/0 is expected.",
        ) from None


def _describe(error: Exception) -> str:
    """Return the kind of an error, and its text if that can hold no stored value."""
    kind = type(error).__name__
    if isinstance(error, (RedisConnectionError, OSError)):
        return f"{kind}: {str(error)!a}"
    return kind


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _moment(microseconds: str | None) -> datetime | None:
    return _EPOCH + int(float(microseconds)) * _MICROSECOND if microseconds else None


def _to_arguments(record: TokenRecord) -> tuple[str, int, int]:
    """Return the arguments of the script for a record: JSON, time of creation, time of expiry."""
    columns = asdict(record)
    for name in _MOMENTS:
        columns[name] = columns[name].isoformat() if columns[name] else None
    text = json.dumps(columns)
    return text, _microseconds(record.created_at), _microseconds(record.expires_at)


def _to_token(text: str | None) -> TokenRecord | None:
    return None if text is None else _record(text)


def _record(text: str) -> TokenRecord:
    columns = json.loads(text)
    for name in _MOMENTS:
        columns[name] = datetime.fromisoformat(columns[name]) if columns[name] else None
    columns["token_type"] = TokenType(columns["token_type"])
    return TokenRecord(**columns)


def _counter_text(counter: CounterRecord | None) -> str:
    if counter is None:
        return ""
    return json.dumps(
        [counter.tries, counter.allowed_at.isoformat(), counter.expires_at.isoformat()]
    )


def _to_counter(text: Any) -> CounterRecord | None:  # noqa: ANN401 - of the driver
    if text is None:
        return None
    tries, allowed_at, expires_at = json.loads(text)
    return CounterRecord(
        tries, datetime.fromisoformat(allowed_at), datetime.fromisoformat(expires_at)
    )


_MOMENTS: Final = ("created_at", "expires_at", "last_used_at", "successor_at", "rotated_at")
