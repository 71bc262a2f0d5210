"""Queries for pages of accounts and events, and their results."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from streamlit_persistauth.core.storage.records import EventRecord, UserRecord
from streamlit_persistauth.core.text.measure import MAX_WORD, fits, normal_form, shorten

Status = Literal["active", "disabled", "pending"]
UserSort = Literal["email", "username", "full_name", "created_at", "last_login_at"]
MAX_TEXT: Final = 1000
"""The maximum length of a search text; no stored text contains a longer one."""


@dataclass(frozen=True, slots=True)
class UserQuery:
    """Selects and orders accounts.

    Attributes:
        text: A text that the address, the username or the full name contains, ignoring case. It is
            not a pattern.
        role: A role of the accounts, compared byte by byte.
        status: `"active"`, `"disabled"`, or `"pending"` for an incomplete account that is not
            disabled.
        sort: The column to sort by. The store decides the order of texts.
        descending: Whether to reverse the order. Accounts without a value come last in both orders.
            Equal values are ordered by id, ascending.
        offset: The number of accounts to skip.
        limit: The maximum number of accounts to return.
    """

    text: str = ""
    role: str | None = None
    status: Status | None = None
    sort: UserSort = "email"
    descending: bool = False
    offset: int = 0
    limit: int = 50

    @property
    def matches_nothing(self) -> bool:
        """Whether no account can match, because no stored text has a NUL or this length."""
        texts = (self.text, self.role or "")
        return any(normal_form(text, MAX_TEXT) is None or "\0" in text for text in texts)

    def matches(self, record: UserRecord) -> bool:
        """Return whether an account matches."""
        user, wanted = record.user, normal(self.text)
        return (
            any(wanted in normal(text) for text in (user.email, user.username, user.full_name))
            and (self.role is None or self.role in user.roles)
            and (self.status is None or self.status == status_of(record))
        )


@dataclass(frozen=True, slots=True)
class UserPage:
    """A page of the accounts that match a query.

    Attributes:
        users: The accounts in the order of the query.
        total: The number of all matching accounts.
    """

    users: tuple[UserRecord, ...]
    total: int


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Selects events, newest first.

    Attributes:
        user_id: The id of the user concerned.
        types: The types of events; empty for all.
        since: The earliest time, inclusive.
        until: The latest time, exclusive.
        before: The last event of the previous page, as `find` returned it. Only older events match.
        limit: The maximum number of events to return.
    """

    user_id: str | None = None
    types: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    before: EventRecord | None = None
    limit: int = 100

    @property
    def matches_nothing(self) -> bool:
        """Whether no event can match, because no id or type has this length."""
        return not all(fits(text, MAX_WORD) for text in (self.user_id or "", *self.types))

    def matches(self, record: EventRecord) -> bool:
        """Return whether an event matches."""
        return (
            (self.user_id is None or record.user_id == self.user_id)
            and (not self.types or record.event_type in self.types)
            and (self.since is None or record.created_at >= self.since)
            and (self.until is None or record.created_at < self.until)
            and (self.before is None or age(record) < age(self.before))
        )


@dataclass(frozen=True, slots=True)
class DayCount:
    """The number of events of one type on one day (UTC)."""

    day: date
    event_type: str
    count: int


@dataclass(frozen=True, slots=True)
class AddressCount:
    """The number of events from one network address."""

    ip_address: str
    count: int


def normal(text: str) -> str:
    """Return the beginning of a text in NFC and lower case, for comparison."""
    return (normal_form(text, MAX_TEXT) or shorten(text, MAX_TEXT)).lower()


def status_of(record: UserRecord) -> Status:
    """Return the status of an account."""
    if not record.user.is_active:
        return "disabled"
    return "active" if record.pending is None else "pending"


def age(record: EventRecord) -> tuple[datetime, int]:
    """Return the sort key of an event."""
    return record.created_at, record.id or 0


def page_of(records: Iterable[UserRecord], query: UserQuery) -> UserPage:
    """Return a page of the given accounts, for a store that cannot query."""
    if query.matches_nothing:
        return UserPage((), 0)
    matches = sorted(
        (record for record in records if query.matches(record)), key=lambda item: item.user.id
    )
    with_value = [record for record in matches if _has_value(record, query)]
    without = [record for record in matches if not _has_value(record, query)]
    with_value.sort(key=lambda item: _sort_value(item, query), reverse=query.descending)
    users = (with_value + without)[query.offset : query.offset + query.limit]
    return UserPage(tuple(users), len(matches))


def _has_value(record: UserRecord, query: UserQuery) -> bool:
    missing = ("", None) if query.sort in {"email", "username"} else (None,)
    return record.user[query.sort] not in missing


def _sort_value(record: UserRecord, query: UserQuery) -> Any:  # noqa: ANN401 - texts or times
    value = record.user[query.sort]
    return value.lower() if isinstance(value, str) else value
