"""The protocols and records that a store of your own needs."""

from streamlit_persistauth.core.storage.protocols import (
    AccountCounter,
    EventStore,
    RevocationLog,
    SessionCounter,
    TokenStore,
    UserStore,
)
from streamlit_persistauth.core.storage.queries import (
    AddressCount,
    DayCount,
    EventQuery,
    UserPage,
    UserQuery,
)
from streamlit_persistauth.core.storage.records import (
    CounterRecord,
    EventRecord,
    Pending,
    Revocation,
    TokenRecord,
    TokenType,
    UserChanges,
    UserRecord,
)

__all__ = [
    "AccountCounter",
    "AddressCount",
    "CounterRecord",
    "DayCount",
    "EventQuery",
    "EventRecord",
    "EventStore",
    "Pending",
    "Revocation",
    "RevocationLog",
    "SessionCounter",
    "TokenRecord",
    "TokenStore",
    "TokenType",
    "UserChanges",
    "UserPage",
    "UserQuery",
    "UserRecord",
    "UserStore",
]
