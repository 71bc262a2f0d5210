"""What is asked of many rows at once: a page of accounts, of events, and counts of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from streamlit_persistauth.core.storage.records import EventRecord, UserRecord
from streamlit_persistauth.core.text.measure import MAX_WORD, fits, normal_form, shorten

Status = Literal["active", "disabled", "pending"]
UserSort = Literal["email", "full_name", "created_at", "last_login_at"]
MAX_TEXT: Final = 1000
"""Characters of a text that is looked for; there is nothing that a longer one could be part of."""


@dataclass(frozen=True, slots=True)
class UserQuery:
    """Which accounts, in which order.

    Attributes:
        text: Anywhere in address or name, without regard to case; never a pattern.
        role: A role they have, compared byte for byte.
        status: `"active"`, `"disabled"`, or `"pending"`: neither disabled nor complete.
        sort: By which column. Names and addresses are sorted as the store sorts texts.
        descending: Backwards. Accounts that have no such time come last, both ways; of equal ones
            the smaller id comes first.
        offset: How many to leave out.
        limit: How many to return at most.
    """

    text: str = ""
    role: str | None = None
    status: Status | None = None
    sort: UserSort = "email"
    descending: bool = False
    offset: int = 0
    limit: int = 50

    @property
    def is_vain(self) -> bool:
        """Whether nothing can be found: no account has a NUL, nor so long a text, in it."""
        texts = (self.text, self.role or "")
        return any(normal_form(text, MAX_TEXT) is None or "\0" in text for text in texts)

    def matches(self, record: UserRecord) -> bool:
        """Return whether an account is one of these."""
        user, wanted = record.user, normal(self.text)
        return (
            (wanted in normal(user.email) or wanted in normal(user.full_name))
            and (self.role is None or self.role in user.roles)
            and (self.status is None or self.status == status_of(record))
        )


@dataclass(frozen=True, slots=True)
class UserPage:
    """Some of the accounts that were asked for.

    Attributes:
        users: In the order that was asked for.
        total: How many there are in all.
    """

    users: tuple[UserRecord, ...]
    total: int


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events; newest first.

    Attributes:
        user_id: Whose.
        types: Of which types; none for all.
        since: Not before this moment.
        until: Before this moment.
        before: Older than this event, as `find` returned it: the last one of the page before.
        limit: How many to return at most.
    """

    user_id: str | None = None
    types: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    before: EventRecord | None = None
    limit: int = 100

    @property
    def is_vain(self) -> bool:
        """Whether nothing can be found: no event has an id or a type of such a length."""
        return not all(fits(text, MAX_WORD) for text in (self.user_id or "", *self.types))

    def matches(self, record: EventRecord) -> bool:
        """Return whether an event is one of these."""
        return (
            (self.user_id is None or record.user_id == self.user_id)
            and (not self.types or record.event_type in self.types)
            and (self.since is None or record.created_at >= self.since)
            and (self.until is None or record.created_at < self.until)
            and (self.before is None or age(record) < age(self.before))
        )


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many events of a type a day had, in UTC."""

    day: date
    event_type: str
    count: int


@dataclass(frozen=True, slots=True)
class AddressCount:
    """How many events came from an address."""

    ip_address: str
    count: int


def normal(text: str) -> str:
    """Return a text as it is compared where case does not count; a longer one by its beginning."""
    return (normal_form(text, MAX_TEXT) or shorten(text, MAX_TEXT)).lower()


def status_of(record: UserRecord) -> Status:
    """Return which of the three an account is."""
    if not record.user.is_active:
        return "disabled"
    return "active" if record.pending is None else "pending"


def age(record: EventRecord) -> tuple[datetime, int]:
    """Return what events are sorted by."""
    return record.created_at, record.id or 0


def page_of(records: Iterable[UserRecord], query: UserQuery) -> UserPage:
    """Return a page of accounts that are all at hand, for a store that can't ask for one."""
    if query.is_vain:
        return UserPage((), 0)
    found = sorted(
        (record for record in records if query.matches(record)), key=lambda item: item.user.id
    )
    with_value = [record for record in found if record.user[query.sort] is not None]
    without = [record for record in found if record.user[query.sort] is None]
    with_value.sort(key=lambda item: _sort_value(item, query), reverse=query.descending)
    users = (with_value + without)[query.offset : query.offset + query.limit]
    return UserPage(tuple(users), len(found))


def _sort_value(record: UserRecord, query: UserQuery) -> Any:  # noqa: ANN401 - texts or times
    value = record.user[query.sort]
    return value.lower() if isinstance(value, str) else value
