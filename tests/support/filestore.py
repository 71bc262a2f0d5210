"""A token store in one file, written from the documentation of the protocol alone."""

import fcntl
import json
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from streamlit_persistauth.core.storage.records import CounterRecord, TokenRecord, TokenType
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.models import TokenCounts

TIMES = ("created_at", "expires_at", "last_used_at", "successor_at", "rotated_at", "allowed_at")


class FileTokenStore:
    """Reads and writes the whole file at each call, one call at a time."""

    def __init__(self, folder: Path) -> None:
        """Keep the file in this folder, which is there."""
        self._file, self._lock = folder / "tokens.json", folder / "lock"

    def put(self, record: TokenRecord) -> None:
        with self._changing() as data:
            data.records[record.id] = record

    def find(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        found = self._select(lambda r: (r.token_type, r.token_hash) == (token_type, token_hash))
        return found[0] if found else None

    def find_session(self, session_id: str) -> TokenRecord | None:
        found = self.find_sessions([session_id])
        return found[0] if found else None

    def find_sessions(self, session_ids: Collection[str]) -> list[TokenRecord]:
        return self._select(lambda r: is_session(r) and r.session_id in session_ids)

    def swap(self, old: TokenRecord, new: TokenRecord) -> bool:
        with self._changing() as data:
            stored = data.records.get(old.id)
            if stored is None or stored.revision != old.revision:
                return False
            data.records[old.id] = replace(new, revision=old.revision + 1)
            return True

    def consume(self, token_type: TokenType, token_hash: str) -> TokenRecord | None:
        with self._changing() as data:
            for record in data.records.values():
                if (record.token_type, record.token_hash) == (token_type, token_hash):
                    return data.records.pop(record.id)
        return None

    def list_sessions(self, user_id: str) -> list[TokenRecord]:
        found = self._select(lambda r: is_session(r) and r.user_id == user_id)
        return sorted(found, key=lambda r: r.created_at, reverse=True)

    def page_sessions(self, now: datetime, *, offset: int, limit: int) -> list[TokenRecord]:
        live = self._select(lambda r: is_session(r) and r.expires_at > now)
        live.sort(key=lambda r: (r.created_at, r.id), reverse=True)
        return live[offset : offset + limit]

    def sessions_per_agent(self, now: datetime, *, limit: int) -> dict[str, int]:
        live = self._select(lambda r: is_session(r) and r.expires_at > now)
        return dict(Counter(r.user_agent or "" for r in live).most_common(limit))

    def end_session(self, session_id: str) -> int:
        return self._delete(lambda r: r.session_id == session_id)

    def end_user(self, user_id: str, *, keep: str | None = None) -> int:
        return self._delete(lambda r: r.user_id == user_id and (not keep or r.session_id != keep))

    def count(self, key: str) -> CounterRecord | None:
        with self._changing() as data:
            return data.counters.get(key)

    def swap_count(self, key: str, old: CounterRecord | None, new: CounterRecord | None) -> bool:
        with self._changing() as data:
            if data.counters.get(key) != old:
                return False
            data.counters.pop(key, None)
            if new is not None:
                data.counters[key] = new
            return True

    def purge(self, expired_before: datetime) -> int:
        with self._changing() as data:
            old = [key for key, item in data.counters.items() if item.expires_at < expired_before]
            for key in old:
                del data.counters[key]
        return len(old) + self._delete(lambda r: r.expires_at < expired_before)

    def counts(self, now: datetime) -> dict[str, TokenCounts]:
        kinds: dict[str, list[TokenRecord]] = {}
        for record in self._select(lambda _: True):
            kinds.setdefault(record.token_type.value, []).append(record)
        return {
            kind: TokenCounts(
                live := sum(r.expires_at > now for r in records),
                len(records) - live,
                min(r.created_at for r in records),
            )
            for kind, records in kinds.items()
        }

    def _select(self, wanted: Callable[[TokenRecord], bool]) -> list[TokenRecord]:
        with self._changing() as data:
            return [record for record in data.records.values() if wanted(record)]

    def _delete(self, doomed: Callable[[TokenRecord], bool]) -> int:
        with self._changing() as data:
            ids = [record.id for record in data.records.values() if doomed(record)]
            for record_id in ids:
                del data.records[record_id]
            return len(ids)

    @contextmanager
    def _changing(self) -> Iterator["Data"]:
        """Yield the content of the locked file; write it if it has changed."""
        try:
            with self._lock.open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                before = self._file.read_text() if self._file.exists() else "{}"
                data = Data(**json.loads(before, object_hook=_with_times))
                yield data
                after = json.dumps({name: _plain(rows) for name, rows in vars(data).items()})
                if after != before:
                    new = self._file.with_suffix(".new")
                    new.write_text(after)
                    os.replace(new, self._file)  # noqa: PTH105 - one step, whatever is there
        except (OSError, ValueError, TypeError) as error:
            raise StoreError(f"The file failed: {type(error).__name__}.") from None


class Data:
    """The content of the file: records by id, counters by key."""

    def __init__(
        self, records: dict[str, Any] | None = None, counters: dict[str, Any] | None = None
    ) -> None:
        """Read records from JSON."""
        self.records = {
            key: TokenRecord(**row | {"token_type": TokenType(row["token_type"])})
            for key, row in (records or {}).items()
        }
        self.counters = {key: CounterRecord(**row) for key, row in (counters or {}).items()}


def is_session(record: TokenRecord) -> bool:
    """Return whether a record is that of a session."""
    return record.token_type is TokenType.SESSION


def _with_times(row: dict[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(row[name]) for name in TIMES if row.get(name)}
    return row | times


def _plain(rows: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        key: {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(row).items()
        }
        for key, row in rows.items()
    }
