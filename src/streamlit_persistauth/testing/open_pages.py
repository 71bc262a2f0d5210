"""The tests of what stores may offer besides, so that idle pages are checked without their rows."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.protocols import (
    AccountCounter,
    SessionCounter,
    TokenStore,
    UserStore,
)
from streamlit_persistauth.core.storage.records import TokenType, UserChanges
from streamlit_persistauth.testing.rows import (
    INJECTIONS,
    START,
    handoff_record,
    session_record,
    user_record,
)
from streamlit_persistauth.testing.sign_in_fixtures import SignInFixtures


class SessionCounterSuite(SignInFixtures):
    """Tests of the `SessionCounter` protocol. Subclasses define the fixture `tokens`."""

    def test_count_sessions(self, users: UserStore, tokens: TokenStore) -> None:
        """Sessions that are revoked, expired or unknown are not counted; neither are codes."""
        counter, ada = cast("SessionCounter", tokens), user_record()
        users.add(ada)
        records = [session_record(ada.user.id) for _ in range(4)]
        for record in records:
            tokens.put(record)
        tokens.put(handoff_record(records[0]))
        ids = [record.session_id for record in records]
        assert counter.count_sessions([], START) == 0
        assert counter.count_sessions(ids, START) == 4
        assert counter.count_sessions([ids[0], new_id(), *INJECTIONS], START) == 1
        expires_at = records[0].expires_at
        assert counter.count_sessions(ids, expires_at - timedelta(microseconds=1)) == 4
        assert counter.count_sessions(ids, expires_at) == 0
        tokens.end_session(ids[1])
        assert counter.count_sessions(ids, START) == 3
        tokens.swap(records[2], replace(records[2], token_hash="f" * 64))
        assert counter.count_sessions(ids, START) == 3
        tokens.consume(TokenType.SESSION, records[0].token_hash)
        assert counter.count_sessions(ids, START) == 2
        tokens.end_user(ada.user.id)
        assert counter.count_sessions(ids, START) == 0


class AccountCounterSuite:
    """Tests of the `AccountCounter` protocol. Subclasses define the fixture `users`."""

    @pytest.fixture
    def users(self) -> UserStore:
        """An empty store, the one under test."""
        raise NotImplementedError

    def test_count_active(self, users: UserStore) -> None:
        """Active accounts with the expected stamp are counted, also those without a stamp."""
        counter = cast("AccountCounter", users)
        people = [user_record(f"{name}@example.com") for name in ("ada", "bob", "eve")]
        people[2] = replace(people[2], security_stamp=None)
        for record in people:
            users.add(record)
        stamps = {record.user.id: record.security_stamp for record in people}
        assert counter.count_active({}) == 0
        assert counter.count_active(stamps) == 3
        unknown = dict.fromkeys([new_id(), *INJECTIONS], people[0].security_stamp)
        assert counter.count_active({**stamps, **unknown, "\0": None}) == 3
        swapped = dict(zip(stamps, reversed(stamps.values()), strict=True))
        assert counter.count_active(swapped) == 1

    @pytest.mark.parametrize(
        "change", [{"is_active": False}, {"security_stamp": "f" * 32}, {"security_stamp": None}, {}]
    )
    def test_one_is_not_active(self, users: UserStore, change: UserChanges) -> None:
        """A disabled or deleted account and one with another stamp is not counted."""
        counter = cast("AccountCounter", users)
        people = [user_record(f"{name}@example.com") for name in ("ada", "bob")]
        for record in people:
            users.add(record)
        gone = people[1].user.id
        if change:
            users.update(gone, change)
        else:
            users.delete(gone)
        stamps = {record.user.id: record.security_stamp for record in people}
        assert counter.count_active(stamps) == 1
        users.update(people[0].user.id, {"security_stamp": "e" * 32})
        assert counter.count_active(stamps) == 0
