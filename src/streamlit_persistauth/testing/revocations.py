"""The tests of the log of revocations that a store of sign-ins may offer."""

from typing import cast

import pytest

from streamlit_persistauth.core.storage.protocols import RevocationLog, TokenStore, UserStore
from streamlit_persistauth.core.storage.records import TokenRecord, TokenType
from streamlit_persistauth.testing.races import at_once
from streamlit_persistauth.testing.rows import handoff_record, session_record, user_record
from streamlit_persistauth.testing.sign_in_fixtures import SignInFixtures


class RevocationLogSuite(SignInFixtures):
    """Tests of the `RevocationLog` protocol. Subclasses define the fixture `tokens`."""

    @pytest.fixture
    def log(self, tokens: TokenStore) -> RevocationLog:
        """The log of the store."""
        return cast("RevocationLog", tokens)

    @pytest.fixture
    def sessions(self, users: UserStore, tokens: TokenStore) -> list[TokenRecord]:
        """Twenty sign-ins of one account, in the store."""
        ada = user_record()
        users.add(ada)
        records = [session_record(ada.user.id) for _ in range(20)]
        for record in records:
            tokens.put(record)
        return records

    def test_empty_log(self, log: RevocationLog) -> None:
        """A new store has an empty log."""
        assert log.last_revocation() == 0
        assert log.revocations_after(0, limit=10) == []

    def test_revocations(
        self, log: RevocationLog, tokens: TokenStore, sessions: list[TokenRecord]
    ) -> None:
        """Each revocation adds an entry with a higher number."""
        one, two = sessions[:2]
        tokens.end_session(one.session_id)
        first = log.last_revocation()
        tokens.end_session(two.session_id)
        tokens.end_user(two.user_id, keep=sessions[2].session_id)
        found = log.revocations_after(0, limit=10)
        assert [entry.subject_id for entry in found] == [
            one.session_id,
            two.session_id,
            two.user_id,
        ]
        numbers = [entry.number for entry in found]
        assert numbers == sorted(set(numbers))
        assert numbers[0] == first > 0
        assert numbers[-1] == log.last_revocation()
        assert log.revocations_after(first, limit=10) == found[1:]
        assert log.revocations_after(0, limit=2) == found[:2]
        assert log.revocations_after(numbers[-1], limit=10) == []

    def test_user_without_records(self, log: RevocationLog, tokens: TokenStore) -> None:
        """The sign-ins of a deleted account may be deleted already; an entry is added."""
        assert tokens.end_user("gone") == 0
        assert [entry.subject_id for entry in log.revocations_after(0, limit=10)] == ["gone"]

    def test_nothing_revoked(
        self, log: RevocationLog, tokens: TokenStore, sessions: list[TokenRecord]
    ) -> None:
        """What revokes no sign-in adds no entry."""
        code = handoff_record(sessions[0])
        tokens.put(code)
        tokens.swap(sessions[0], sessions[0])
        tokens.consume(TokenType.HANDOFF, code.token_hash)
        tokens.purge(sessions[0].created_at)
        assert tokens.end_session("unknown") == 0
        assert log.last_revocation() == 0

    def test_revoked_at_once(
        self, log: RevocationLog, tokens: TokenStore, sessions: list[TokenRecord]
    ) -> None:
        """Twenty threads that revoke at the same time add twenty entries."""
        at_once(*[lambda one=one: tokens.end_session(one.session_id) for one in sessions])
        found = log.revocations_after(0, limit=100)
        assert {entry.subject_id for entry in found} == {one.session_id for one in sessions}
        assert len({entry.number for entry in found}) == len(sessions)
