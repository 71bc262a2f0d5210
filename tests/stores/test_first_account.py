"""Adding the first account while another process does the same."""

from threading import Thread

import pytest
from sqlalchemy import Connection, insert
from tests.stores.conftest import SQL_STORES, Stores

from streamlit_persistauth.core.storage.queries import UserQuery
from streamlit_persistauth.stores.sql import SQLUserStore
from streamlit_persistauth.stores.sql.accounts import OWN, to_fields
from streamlit_persistauth.testing.rows import user_record

SECONDS = 0.3
"""How long the second caller waits for its chance if nothing blocks it."""


@pytest.mark.parametrize("stores", SQL_STORES, indirect=True)
def test_waits_for_an_account_that_is_not_committed(stores: Stores) -> None:
    """Between insert and commit of the first account, no other account can be the first."""
    users = stores.users
    assert isinstance(users, SQLUserStore)
    assert users.is_empty()  # the tables are there
    second: list[bool] = []
    other = Thread(target=lambda: second.append(users.add_first(user_record("bob@example.com"))))

    def insert_slowly(connection: Connection) -> None:
        connection.execute(insert(OWN.table), OWN.values(to_fields(user_record())))
        other.start()
        other.join(SECONDS)

    users.database.write(insert_slowly, exclusively=True)
    other.join(20)
    assert second == [False]
    assert [record.user.email for record in users.page(UserQuery()).users] == ["ada@example.com"]
