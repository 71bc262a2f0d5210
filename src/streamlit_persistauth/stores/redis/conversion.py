"""Converts records and counters to what Redis keeps, and back."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from streamlit_persistauth.core.storage.records import CounterRecord, TokenRecord, TokenType

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND: Final = timedelta(microseconds=1)
_MOMENTS: Final = ("created_at", "expires_at", "last_used_at", "successor_at", "rotated_at")


def to_microseconds(moment: datetime) -> int:
    """Return a time as Redis sorts by it: microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(microseconds: float | str) -> datetime:
    """Return the time of a score."""
    return _EPOCH + int(float(microseconds)) * _MICROSECOND


def to_moment(microseconds: str | None) -> datetime | None:
    """Return the time of a score, or None without one."""
    return from_microseconds(microseconds) if microseconds else None


def to_arguments(record: TokenRecord) -> tuple[str, int, int]:
    """Return the arguments of the script for a record: JSON, time of creation, time of expiry."""
    columns = asdict(record)
    for name in _MOMENTS:
        columns[name] = columns[name].isoformat() if columns[name] else None
    text = json.dumps(columns)
    return text, to_microseconds(record.created_at), to_microseconds(record.expires_at)


def to_token(text: str | None) -> TokenRecord | None:
    """Return the record in a text, or None without one."""
    return None if text is None else to_record(text)


def to_record(text: str) -> TokenRecord:
    """Return the record in a text."""
    columns = json.loads(text)
    for name in _MOMENTS:
        columns[name] = datetime.fromisoformat(columns[name]) if columns[name] else None
    columns["token_type"] = TokenType(columns["token_type"])
    return TokenRecord(**columns)


def to_counter_text(counter: CounterRecord | None) -> str:
    """Return a counter as text; empty for none."""
    if counter is None:
        return ""
    return json.dumps(
        [counter.tries, counter.allowed_at.isoformat(), counter.expires_at.isoformat()]
    )


def to_counter(text: Any) -> CounterRecord | None:  # noqa: ANN401 - of the driver
    """Return the counter in a text, or None without one."""
    if text is None:
        return None
    tries, allowed_at, expires_at = json.loads(text)
    return CounterRecord(
        tries, datetime.fromisoformat(allowed_at), datetime.fromisoformat(expires_at)
    )
