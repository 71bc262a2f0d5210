"""How the secret of a sign-in is replaced: forgiving the browser, not the thief.

A renewed credential replaces its parent when it first comes back. Until then the parent is still
the one that counts, so an answer that got lost costs nothing. Afterwards the parent is served for
a short grace, for tabs that were loading at that moment. Whoever presents anything older has a
copy, or is robbed by someone who has (RFC 9700 4.14.2).
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from streamlit_persistauth.core.storage.records import TokenRecord

GRACE: Final = timedelta(seconds=60)
"""How long a parent is still served, and a successor that was handed out is waited for."""


class RotationStatus(Enum):
    """What a secret is to the sign-in it names."""

    CURRENT = auto()
    SUCCESSOR = auto()
    PARENT = auto()
    OLD = auto()


def status(record: TokenRecord, token_hash: str, now: datetime) -> RotationStatus:
    """Return what the secret with this hash is to a session."""
    if token_hash == record.token_hash:
        return RotationStatus.CURRENT
    if token_hash == record.successor_hash:
        return RotationStatus.SUCCESSOR
    graced = record.rotated_at is not None and now < record.rotated_at + GRACE
    if token_hash == record.previous_hash and graced:
        return RotationStatus.PARENT
    return RotationStatus.OLD


def awaits_successor(record: TokenRecord, now: datetime) -> bool:
    """Return whether a successor was handed out that may still be on its way back."""
    return record.successor_at is not None and now < record.successor_at + GRACE


def with_successor(record: TokenRecord, token_hash: str, now: datetime) -> TokenRecord:
    """Return a session that has handed out a successor."""
    return replace(record, successor_hash=token_hash, successor_at=now)


def promoted(record: TokenRecord, token_hash: str, now: datetime) -> TokenRecord:
    """Return a session whose successor has come back."""
    return replace(
        record,
        token_hash=token_hash,
        previous_hash=record.token_hash,
        rotated_at=now,
        successor_hash=None,
        successor_at=None,
    )
