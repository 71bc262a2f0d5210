"""Sessions, single-use tokens and counters in Redis or Valkey, which delete expired ones."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files
from itertools import count, islice
from time import monotonic
from typing import Any, Final, TypeVar

from redis import ConnectionError as RedisConnectionError
from redis import Redis, RedisError
from redis import TimeoutError as RedisTimeoutError

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.records import (
    CounterRecord,
    Revocation,
    TokenRecord,
    TokenType,
)
from streamlit_persistauth.models import TokenCounts
from streamlit_persistauth.stores.faults import STORE_TIMEOUT_SECONDS, Availability
from streamlit_persistauth.stores.redis.clients import Source, primary_of
from streamlit_persistauth.stores.redis.conversion import (
    from_microseconds,
    to_arguments,
    to_counter,
    to_counter_text,
    to_microseconds,
    to_moment,
    to_record,
    to_token,
)
from streamlit_persistauth.stores.redis.deadlines import deadline, remaining
from streamlit_persistauth.stores.redis.primary import may_have_moved

PREFIX: Final = "{persistauth}:"
"""The prefix of all keys; the braces keep them on one node of a cluster."""
MEMORY_SECONDS: Final = 60
"""How long a result is kept beyond the timeout, in case its operation arrives once more."""
ANSWER_SECONDS: Final = 0.2
"""The time for an answer of Redis to `WAIT`, whose end it notices a tenth of a second late."""
BATCH: Final = 1000
"""The number of records of one call at most, because Redis runs no other call meanwhile."""
COUNTER: Final = "counter"
FAULTS: Final = (RedisError, OSError, ValueError, TypeError, KeyError)
"""What a failing Redis raises; the last three for a record that can't be converted."""

R = TypeVar("R")


@dataclass(frozen=True)
class Durability:
    """What a server promises about its data.

    Attributes:
        evicts: Whether it deletes keys when it is full.
        has_log: Whether it writes an append-only file.
        replicas: The number of its connected replicas.
    """

    evicts: bool
    has_log: bool
    replicas: int


class RedisTokenStore:
    """Records and counters in Redis. Each change is one Lua script, so it is atomic."""

    def __init__(
        self,
        source: Source,
        *,
        prefix: str = PREFIX,
        timeout_seconds: float = STORE_TIMEOUT_SECONDS,
        replicas: int = 0,
    ) -> None:
        """Configure the store; no connection is opened yet.

        Args:
            source: A URL, or a client of redis-py with `decode_responses=True`: a `Redis`, one
                from `Sentinel.master_for`, or a `RedisCluster`. The store sets timeout and retries
                of a `Redis`, and opens its own connections for the other two.
            prefix: The prefix of all keys; give each app on one Redis its own.
            timeout_seconds: How long a call may take, with all its attempts.
            replicas: The number of replicas that have to confirm a revocation. If they do not
                within the timeout, the session is revoked on the primary and the call raises
                `StoreError`.

        Raises:
            ConfigError: The URL is invalid.
        """
        self._primary = primary_of(source, key=prefix, timeout=timeout_seconds)
        self._prefix = prefix
        self._timeout = timeout_seconds
        self._replicas = replicas
        script = files("streamlit_persistauth.stores.redis").joinpath("records.lua")
        self._script = Redis().register_script(script.read_text(encoding="utf-8"))
        self.availability = Availability("Redis", self._ping)

    def read_clock(self) -> datetime:
        """Return the time of Redis, by which it deletes what has expired."""
        now = self._read("now")
        return self._converted(lambda: from_microseconds(now))

    def put(self, record: TokenRecord) -> None:
        self._write("put", *to_arguments(record))

    def find(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        text = self._read("find", token_hash)
        record = self._converted(lambda: to_token(text))
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

    def count_sessions(self, session_ids: Collection[str], now: datetime) -> int:
        kind, moment = TokenType.SESSION.value, to_microseconds(now)
        number = self._read("count_sessions", kind, moment, *session_ids)
        return self._converted(lambda: int(number))

    def swap(self, old: TokenRecord, new: TokenRecord) -> bool:
        changed = to_arguments(replace(new, revision=old.revision + 1))
        return bool(self._write("swap", old.id, old.revision, *changed))

    def consume(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        text = self._write("consume", token_type.value, token_hash)
        return self._converted(lambda: to_token(text))

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
        return int(self._revoke("end_session", session_id))

    def end_user(self, user_id: str, *, keep: str | None = None) -> int:
        return int(self._revoke("end_user", user_id, *([keep] if keep else [])))

    def last_revocation(self) -> int:
        number = self._read("last_revocation")
        return self._converted(lambda: int(number))

    def revocations_after(self, number: int, *, limit: int) -> list[Revocation]:
        found = self._read("revocations_after", number, limit)
        return self._converted(
            lambda: [
                Revocation(int(float(score)), subject_id)
                for subject_id, score in zip(found[::2], found[1::2], strict=True)
            ]
        )

    def count(self, key: str) -> CounterRecord | None:
        text = self._read("count", key)
        return self._converted(lambda: to_counter(text))

    def swap_count(self, key: str, old: CounterRecord | None, new: CounterRecord | None) -> bool:
        expires_at = to_microseconds(new.expires_at) if new else 0
        return bool(
            self._write("swap_count", key, to_counter_text(old), to_counter_text(new), expires_at)
        )

    def purge(self, expired_before: datetime) -> int:
        # Redis has deleted what has expired by its own clock.
        moment, purged = to_microseconds(expired_before), 0
        for kind in (*[item.value for item in TokenType], COUNTER):
            batch = BATCH
            while batch == BATCH:
                batch = int(self._write("purge", kind, moment, BATCH))
                purged += batch
        return purged

    def counts(self, now: datetime) -> dict[str, TokenCounts]:
        kinds = [item.value for item in TokenType]
        answers = self._read("counts", to_microseconds(now), *kinds)
        by_type = {
            kind: TokenCounts(live, expired, to_moment(oldest))
            for kind, (live, expired, oldest) in zip(kinds, answers, strict=True)
        }
        return {kind: counts for kind, counts in by_type.items() if counts.live or counts.expired}

    def _live_sessions(self, now: datetime) -> Iterator[TokenRecord]:
        """Yield session records that expire after a moment, newest first."""
        for begin in count(0, BATCH):
            size, texts = self._read("newest", TokenType.SESSION.value, begin, BATCH)
            yield from (record for record in self._records(texts) if record.expires_at > now)
            if size < BATCH:
                return

    def durability(self) -> Durability:
        """Return what the server promises about its data."""
        facts = self._call("info", lambda client: client.info())
        return self._converted(
            lambda: Durability(
                evicts=facts["maxmemory_policy"] != "noeviction",
                has_log=bool(facts["aof_enabled"]),
                replicas=int(facts["connected_slaves"]),
            )
        )

    def _read_all(self, command: str, *arguments: str) -> list[TokenRecord]:
        return self._records(self._read(command, *arguments))

    def _records(self, texts: Collection[str]) -> list[TokenRecord]:
        return self._converted(lambda: [to_record(text) for text in texts])

    def _read(self, command: str, *arguments: str | int) -> Any:  # noqa: ANN401 - by the command
        return self._call(command, lambda client: self._run(client, command, "", 0, *arguments))

    def _write(self, command: str, *arguments: str | int) -> Any:  # noqa: ANN401 - by the command
        """Return the result of a change; a second attempt does not change anything again."""
        operation = new_id()
        return self._call(
            command, lambda client: self._run(client, command, operation, 0, *arguments)
        )

    def _revoke(self, command: str, *arguments: str) -> Any:  # noqa: ANN401 - by the command
        """Return the result of a command once the replicas have confirmed it.

        Its result is always kept, so that there is something to confirm although an earlier call,
        which was not confirmed, has revoked all there was.
        """
        if not self._replicas:
            return self._write(command, *arguments)
        operation = new_id()

        def call(client: Redis) -> tuple[Any, int]:
            opened: Any = client.pipeline(transaction=False)
            with opened as pipeline:
                self._run(pipeline, command, operation, 1, *arguments)
                milliseconds = max(1, int((remaining() - ANSWER_SECONDS) * 1000))
                pipeline.execute_command("WAIT", self._replicas, milliseconds)
                result, confirmed = pipeline.execute()
            return result, confirmed

        result, confirmed = self._call(command, call)
        if confirmed < self._replicas:
            fault = f"done, but confirmed by {confirmed} of {self._replicas} replicas"
            raise self.availability.refused(command, fault)
        return result

    def _run(
        self,
        client: Redis,
        command: str,
        operation: str,
        keeps_always: int,
        *arguments: str | int,
    ) -> Any:  # noqa: ANN401 - by the command
        milliseconds = int((self._timeout + MEMORY_SECONDS) * 1000)
        return self._script(
            keys=[self._prefix],
            args=[command, operation, milliseconds, keeps_always, *arguments],
            client=client,
        )

    def _call(self, operation: str, call: Callable[[Redis], R]) -> R:
        """Return the result of a call to the primary, within the timeout of the store.

        Args:
            operation: What the call does, for the log.
            call: Makes the call.

        Raises:
            StoreError: Redis fails.
        """
        self.availability.require(operation)
        began = monotonic()
        try:
            result = self._attempt(call)
        except (RedisTimeoutError, TimeoutError):
            raise self.availability.timed_out(operation, began) from None
        except (RedisConnectionError, OSError) as error:
            fault = f"{type(error).__name__}: {str(error)!a}"
            raise self.availability.unreachable(operation, fault) from None
        except FAULTS as error:
            raise self.availability.refused(operation, type(error).__name__) from None
        self.availability.answered()
        return result

    def _ping(self) -> None:
        self._attempt(lambda client: client.ping())

    def _attempt(self, call: Callable[[Redis], R]) -> R:
        with deadline(self._timeout):
            client = self._primary.client()
            try:
                return call(client)
            except (RedisError, OSError) as error:
                if not may_have_moved(error):
                    raise
                self._primary.forget(client)
            return call(self._primary.client())

    def _converted(self, convert: Callable[[], R]) -> R:
        """Return what Redis has returned as a value.

        Raises:
            StoreError: It can't be converted.
        """
        try:
            return convert()
        except FAULTS as error:
            raise self.availability.refused("reading", type(error).__name__) from None
