"""Stores in SQLite, PostgreSQL, MySQL and MariaDB, with SQLAlchemy Core."""

from streamlit_persistauth.stores.sql.events import SQLEventStore
from streamlit_persistauth.stores.sql.tokens import SQLTokenStore
from streamlit_persistauth.stores.sql.users import SQLUserStore

__all__ = ["SQLEventStore", "SQLTokenStore", "SQLUserStore"]
