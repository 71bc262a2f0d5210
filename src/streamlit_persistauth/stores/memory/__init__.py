"""Stores in the memory of this process, for tests and for apps of one process that may forget."""

from streamlit_persistauth.stores.memory.events import MemoryEventStore
from streamlit_persistauth.stores.memory.tokens import MemoryTokenStore
from streamlit_persistauth.stores.memory.users import MemoryUserStore

__all__ = ["MemoryEventStore", "MemoryTokenStore", "MemoryUserStore"]
