"""The protocols a store implements; import them from here to write one of your own."""

from streamlit_persistauth.core.queries import (
    AddressCount,
    DayCount,
    EventQuery,
    UserPage,
    UserQuery,
)
from streamlit_persistauth.core.records import (
    CounterRecord,
    EventRecord,
    Pending,
    TokenRecord,
    TokenType,
    UserChanges,
    UserRecord,
)
from streamlit_persistauth.core.storage import EventStore, TokenStore, UserStore

__all__ = [
    "AddressCount",
    "CounterRecord",
    "DayCount",
    "EventQuery",
    "EventRecord",
    "EventStore",
    "Pending",
    "TokenRecord",
    "TokenStore",
    "TokenType",
    "UserChanges",
    "UserPage",
    "UserQuery",
    "UserRecord",
    "UserStore",
]
