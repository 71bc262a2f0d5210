"""What an operator does to accounts and sign-ins, by the public API, the command line and SQL."""

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Final
from unittest.mock import patch

from click.testing import CliRunner
from tests.support.account import Account
from tests.support.database import Database

from streamlit_persistauth import Authenticator
from streamlit_persistauth.cli import main

NAMES: Final = ("ada", "bob")
CANARY: Final = "canary"
PASSWORDS: Final = ("plum-Kettle-93-orbit", "river-Anvil-27-mosaic")
ADMIN: Final = '["admin"]'
LONG_AGO: Final = "2020-01-01 00:00:00.000000"


def account(name: str) -> Account:
    """Return the account of a name, with its first password."""
    return Account(name.title(), f"{name}@example.com", PASSWORDS[0])


class Operator:
    """Makes accounts, and ends sign-ins in every way that there is.

    Attributes:
        ids: Of the accounts, by name.
        passwords: Of the accounts, by name.
    """

    def __init__(self, database: Database, settings: Mapping[str, str]) -> None:
        """Work on the database of an app, which has no accounts yet."""
        self._database = database
        self._settings = dict(settings)
        for name in (*NAMES, CANARY):
            account(name).register(settings)
        with patch.dict(os.environ, self._settings):
            self._auth = Authenticator()
        # The last admin can't be disabled, and this one never is.
        canary = "UPDATE users SET roles = ? WHERE email LIKE 'canary%'"
        database.execute(canary, ADMIN)
        self._users = database.rows("SELECT * FROM users")
        emails = database.rows("SELECT substr(email, 1, instr(email, '@') - 1), id FROM users")
        self.ids = {str(name): str(user_id) for name, user_id in emails}
        self.passwords: dict[str, str] = {}

    def reset(self) -> None:
        """Have the accounts as they were in the beginning, and nobody signed in."""
        self.passwords = dict.fromkeys(self.ids, PASSWORDS[0])
        self._database.empty()
        holders = ", ".join("?" * len(self._users[0]))
        with closing(sqlite3.connect(self._database.path, timeout=10)) as connection, connection:
            connection.executemany(f"INSERT INTO users VALUES ({holders})", self._users)
        self.set_admin("ada", is_admin=True)

    def live(self) -> dict[str, str]:
        """Return the live sign-ins as the library lists them: names of users by id."""
        return {
            session.id: name
            for name, user_id in self.ids.items()
            for session in self._auth.list_sessions(user_id)
        }

    def end(self, name: str, way: str) -> None:
        """End every sign-in of a user."""
        ENDINGS[way](self, name)

    def revoke(self, session_id: str) -> None:
        """End one sign-in."""
        assert self._auth.revoke_session(session_id)

    def enable(self, name: str) -> None:
        """Let a disabled user sign in again."""
        self._command("users", "enable", self.ids[name])

    def set_admin(self, name: str, *, is_admin: bool) -> None:
        """Give a user the role of admins, or take it away."""
        roles = ADMIN if is_admin else "[]"
        self._database.execute("UPDATE users SET roles = ? WHERE id = ?", roles, self.ids[name])

    def log_out(self, name: str) -> None:
        """End the sign-ins by the library."""
        self._auth.logout_user(self.ids[name])

    def disable(self, name: str) -> None:
        """Disable the account by the command line."""
        self._command("users", "disable", self.ids[name])

    def delete(self, name: str) -> None:
        """Delete the account by the command line."""
        self._command("users", "delete", self.ids[name], "--yes")

    def change_password(self, name: str) -> None:
        """Set another password by a reset token."""
        self._database.execute("DELETE FROM auth_throttle")
        old = PASSWORDS.index(self.passwords[name])
        self.passwords[name] = PASSWORDS[1 - old]
        token = self._auth.create_password_reset_token(account(name).email)
        assert token is not None
        self._auth.reset_password(token, self.passwords[name])

    def delete_tokens_by_sql(self, name: str) -> None:
        """Delete the rows of the sign-ins."""
        self._database.execute("DELETE FROM auth_tokens WHERE user_id = ?", self.ids[name])

    def disable_by_sql(self, name: str) -> None:
        """Disable the account in its row alone."""
        self._sql("UPDATE users SET is_active = 0", name)

    def delete_by_sql(self, name: str) -> None:
        """Delete the row of the account alone."""
        self._sql("DELETE FROM users", name)

    def expire(self, name: str) -> None:
        """Let the sign-ins reach the end of their life."""
        self._move_back("expires_at = ?", name)

    def idle(self, name: str) -> None:
        """Let the sign-ins be unused for longer than the idle timeout."""
        self._move_back("created_at = ?, last_used_at = NULL", name)

    def _move_back(self, change: str, name: str) -> None:
        where = "WHERE user_id = ?"
        self._database.execute(f"UPDATE auth_tokens SET {change} {where}", LONG_AGO, self.ids[name])

    def _sql(self, statement: str, name: str) -> None:
        self._database.execute(f"{statement} WHERE id = ?", self.ids[name])

    def _command(self, *words: str) -> None:
        done = CliRunner().invoke(
            main, [*words, "--database", self._database.url], env=self._settings
        )
        assert done.exit_code == 0, done.output


ENDINGS: Final[dict[str, Callable[[Operator, str], None]]] = {
    "logged out": Operator.log_out,
    "disabled": Operator.disable,
    "deleted": Operator.delete,
    "password changed": Operator.change_password,
    "rows deleted": Operator.delete_tokens_by_sql,
    "disabled by SQL": Operator.disable_by_sql,
    "deleted by SQL": Operator.delete_by_sql,
    "expired": Operator.expire,
    "idle": Operator.idle,
}
DISABLING: Final = {"disabled", "disabled by SQL"}
DELETING: Final = {"deleted", "deleted by SQL"}
