"""The tests that every store of sign-ins has to pass."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from streamlit_persistauth.core.clock import Clock, utc_now
from streamlit_persistauth.core.secrets import fingerprint, new_secret
from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.core.storage.records import (
    TokenRecord,
    TokenType,
    UserRecord,
)
from streamlit_persistauth.models import TokenCounts
from streamlit_persistauth.testing.counters import CounterSuite
from streamlit_persistauth.testing.races import at_once
from streamlit_persistauth.testing.rows import (
    INJECTIONS,
    START,
    handoff_record,
    session_record,
    user_record,
)


class TokenStoreSuite(CounterSuite):
    """Tests of the `TokenStore` protocol. Subclasses define the fixture `tokens`."""

    @pytest.fixture
    def ada(self, users: UserStore) -> UserRecord:
        """An account."""
        record = user_record()
        users.add(record)
        return record

    @pytest.fixture
    def session(self, tokens: TokenStore, ada: UserRecord) -> TokenRecord:
        """A sign-in of the account, in the store."""
        record = session_record(ada.user.id)
        tokens.put(record)
        return record

    def test_round_trip(self, tokens: TokenStore, session: TokenRecord) -> None:
        """An added record is read unchanged, by its hash and by its sign-in."""
        assert tokens.find(TokenType.SESSION, session.token_hash) == session
        assert tokens.find_session(session.session_id) == session
        handoff = handoff_record(session)
        tokens.put(handoff)
        assert tokens.find(TokenType.HANDOFF, handoff.token_hash) == handoff

    def test_clock(self, tokens: TokenStore) -> None:
        """A store with a clock of its own returns the present time in UTC."""
        read_clock: Clock | None = getattr(tokens, "read_clock", None)
        if read_clock is not None:
            assert abs(read_clock() - utc_now()) < timedelta(minutes=1)

    def test_types(self, tokens: TokenStore, session: TokenRecord) -> None:
        """A record of one type is not found or consumed as another type."""
        assert tokens.find(TokenType.HANDOFF, session.token_hash) is None
        assert tokens.consume(TokenType.HANDOFF, session.token_hash) is None
        handoff = handoff_record(session)
        tokens.put(handoff)
        assert tokens.find(TokenType.SESSION, handoff.token_hash) is None
        assert tokens.find_session(session.session_id) == session
        assert tokens.list_sessions(session.user_id) == [session]

    @pytest.mark.parametrize("text", [*INJECTIONS, "0" * 64])
    def test_absent(self, tokens: TokenStore, session: TokenRecord, text: str) -> None:
        """A missing record is None, for any text."""
        assert tokens.find(TokenType.SESSION, text) is None
        assert tokens.find_session(text) is None
        assert tokens.consume(TokenType.SESSION, text) is None
        assert tokens.count(text) is None
        assert tokens.end_session(text) == 0
        assert tokens.end_user(text) == 0
        assert tokens.list_sessions(text) == []
        assert tokens.find_session(session.session_id) == session

    def test_nul(self, tokens: TokenStore, session: TokenRecord) -> None:
        """A text with a NUL, which some databases refuse, finds no record."""
        assert tokens.find(TokenType.SESSION, f"{session.token_hash}\0") is None
        assert tokens.find_session(f"{session.session_id}\0") is None
        assert tokens.count("\0") is None

    def test_hash_is_exact(self, tokens: TokenStore, session: TokenRecord) -> None:
        """A hash is compared byte for byte."""
        assert tokens.find(TokenType.SESSION, session.token_hash.upper()) is None
        assert tokens.find(TokenType.SESSION, session.token_hash + " ") is None

    def test_swap(self, tokens: TokenStore, session: TokenRecord) -> None:
        """After a change of its hash, a sign-in is found by the new hash only."""
        handoff = handoff_record(session)
        tokens.put(handoff)
        later = START + timedelta(minutes=1, microseconds=1)
        new = replace(
            session,
            token_hash="a" * 64,
            last_used_at=later,
            successor_hash="b" * 64,
            successor_at=later,
            previous_hash=session.token_hash,
            rotated_at=later,
        )
        assert tokens.swap(session, new)
        expected = replace(new, revision=1)
        assert tokens.find(TokenType.SESSION, "a" * 64) == expected
        assert tokens.find(TokenType.SESSION, session.token_hash) is None
        assert tokens.find(TokenType.HANDOFF, handoff.token_hash) == handoff

    def test_swap_of_an_old_record(self, tokens: TokenStore, session: TokenRecord) -> None:
        """A caller that passes an old record changes nothing."""
        assert tokens.swap(session, replace(session, last_used_at=START))
        assert not tokens.swap(session, replace(session, token_hash="a" * 64))
        assert tokens.find(TokenType.SESSION, "a" * 64) is None

    def test_swap_at_once(self, tokens: TokenStore, session: TokenRecord) -> None:
        """Of twenty threads that change one record, one succeeds."""

        def swapping(text: str) -> Callable[[], bool]:
            return lambda: tokens.swap(session, replace(session, token_hash=text))

        outcomes = at_once(*[swapping(fingerprint(new_secret())) for _ in range(20)])
        assert outcomes.count(True) == 1

    def test_put_again(self, tokens: TokenStore, session: TokenRecord) -> None:
        """A record replaces the one with the same id, and no other."""
        handoff = handoff_record(session)
        tokens.put(handoff)
        newer = replace(handoff, token_hash="a" * 64)
        tokens.put(newer)
        assert tokens.find(TokenType.HANDOFF, handoff.token_hash) is None
        assert tokens.find(TokenType.HANDOFF, newer.token_hash) == newer
        assert tokens.find_session(session.session_id) == session

    def test_put_at_once(self, tokens: TokenStore, session: TokenRecord) -> None:
        """Of twenty records that threads put with one id, one is stored."""
        one = handoff_record(session)
        records = [replace(one, token_hash=fingerprint(new_secret())) for _ in range(20)]
        at_once(*[lambda record=record: tokens.put(record) for record in records])
        found = [tokens.find(TokenType.HANDOFF, record.token_hash) for record in records]
        assert len([record for record in found if record]) == 1

    def test_consume(self, tokens: TokenStore, session: TokenRecord) -> None:
        """A record is consumed once. Its sign-in is not deleted."""
        handoff = handoff_record(session)
        tokens.put(handoff)
        assert tokens.consume(TokenType.HANDOFF, handoff.token_hash) == handoff
        assert tokens.consume(TokenType.HANDOFF, handoff.token_hash) is None
        assert tokens.find_session(session.session_id) == session

    def test_consume_at_once(self, tokens: TokenStore, session: TokenRecord) -> None:
        """Of twenty threads that consume one record, one gets it."""
        handoff = handoff_record(session)
        tokens.put(handoff)

        def consume() -> TokenRecord | None:
            return tokens.consume(TokenType.HANDOFF, handoff.token_hash)

        outcomes = at_once(*[consume] * 20)
        assert [outcome for outcome in outcomes if outcome] == [handoff]

    def test_end_session(self, tokens: TokenStore, session: TokenRecord) -> None:
        """All records of a sign-in are deleted, and no others."""
        other = session_record(session.user_id)
        tokens.put(other)
        tokens.put(handoff_record(session))
        assert tokens.end_session(session.session_id) == 2
        assert tokens.end_session(session.session_id) == 0
        assert tokens.list_sessions(session.user_id) == [other]

    def test_swap_of_a_deleted_session(self, tokens: TokenStore, session: TokenRecord) -> None:
        """A change does not restore a deleted sign-in."""
        tokens.end_session(session.session_id)
        assert not tokens.swap(session, replace(session, token_hash="a" * 64))
        assert tokens.find(TokenType.SESSION, "a" * 64) is None

    def test_swap_during_deletion(self, tokens: TokenStore, ada: UserRecord) -> None:
        """A sign-in that is deleted during changes stays deleted, in any order."""
        for _ in range(10):
            session = session_record(ada.user.id)
            tokens.put(session)
            hashes = [fingerprint(new_secret()) for _ in range(3)]

            def swap(token_hash: str, session: TokenRecord = session) -> object:
                return tokens.swap(session, replace(session, token_hash=token_hash))

            def end(session_id: str = session.session_id) -> object:
                return tokens.end_session(session_id)

            swaps = [lambda text=text, run=swap: run(text) for text in hashes]
            at_once(*swaps, end)
            assert tokens.find_session(session.session_id) is None
            assert not any(tokens.find(TokenType.SESSION, text) for text in hashes)
        assert tokens.list_sessions(ada.user.id) == []

    def test_end_user(self, users: UserStore, tokens: TokenStore, session: TokenRecord) -> None:
        """All records of a user are deleted, except those of the sign-in to keep."""
        bob = user_record("bob@example.com")
        users.add(bob)
        bobs = session_record(bob.user.id)
        other = session_record(session.user_id)
        for record in (bobs, other, handoff_record(session), handoff_record(other)):
            tokens.put(record)
        assert tokens.end_user(session.user_id, keep=session.session_id) == 2
        assert tokens.list_sessions(session.user_id) == [session]
        assert tokens.end_user(session.user_id) == 2
        assert tokens.list_sessions(session.user_id) == []
        assert tokens.list_sessions(bob.user.id) == [bobs]

    def test_newest_first(self, tokens: TokenStore, ada: UserRecord) -> None:
        """Sign-ins are listed newest first."""
        records = [
            session_record(ada.user.id, created_at=START + timedelta(days=day))
            for day in (3, 99, 0, 7)
        ]
        for record in records:
            tokens.put(record)
        listed = tokens.list_sessions(ada.user.id)
        assert listed == [records[1], records[3], records[0], records[2]]

    def test_page_sessions(self, users: UserStore, tokens: TokenStore, ada: UserRecord) -> None:
        """Pages list only the live sign-ins of all users, newest first."""
        bob = user_record("bob@example.com")
        users.add(bob)
        made = [
            session_record(owner.user.id, created_at=START + timedelta(hours=hour))
            for hour, owner in ((3, ada), (1, bob), (3, bob), (2, ada))
        ]
        expired = session_record(ada.user.id, created_at=START - timedelta(hours=24))
        for record in (*made, expired, handoff_record(made[0])):
            tokens.put(record)
        newest = sorted(made, key=lambda item: (item.created_at, item.id), reverse=True)
        assert tokens.page_sessions(START, offset=0, limit=9) == newest
        pages = [tokens.page_sessions(START, offset=offset, limit=3) for offset in (0, 3, 6)]
        assert pages == [newest[:3], newest[3:], []]
        tokens.end_session(newest[0].session_id)
        assert tokens.page_sessions(START, offset=0, limit=9) == newest[1:]
        assert tokens.page_sessions(newest[-1].expires_at, offset=0, limit=9) == newest[1:-1]

    def test_sessions_per_agent(self, tokens: TokenStore, ada: UserRecord) -> None:
        """Live sign-ins are counted by user agent; a missing one is an empty text."""
        made = [
            replace(session_record(ada.user.id), user_agent=agent)
            for agent in ("one", None, "two", "two", "", "two")
        ]
        expired = session_record(ada.user.id, created_at=START - timedelta(hours=24))
        for record in (*made, expired, handoff_record(made[0])):
            tokens.put(record)
        counts = tokens.sessions_per_agent(START, limit=9)
        assert list(counts.items()) == [("two", 3), ("", 2), ("one", 1)]
        assert tokens.sessions_per_agent(START, limit=1) == {"two": 3}
        assert tokens.sessions_per_agent(made[0].expires_at, limit=9) == {}

    def test_purge(self, tokens: TokenStore, session: TokenRecord) -> None:
        """Only records that expired before the given time are deleted."""
        handoff = handoff_record(session)
        tokens.put(handoff)
        assert tokens.purge(handoff.expires_at) == 0
        assert tokens.purge(handoff.expires_at + timedelta(microseconds=1)) == 1
        assert tokens.find(TokenType.HANDOFF, handoff.token_hash) is None
        assert tokens.find_session(session.session_id) == session

    def test_expired(self, tokens: TokenStore, session: TokenRecord) -> None:
        """An expired record is found unchanged or deleted, without effect on other records."""
        old = session_record(session.user_id, created_at=START - timedelta(days=9999))
        tokens.put(old)
        assert tokens.find(TokenType.SESSION, old.token_hash) in (old, None)
        assert tokens.list_sessions(session.user_id) in ([session, old], [session])
        assert tokens.find_session(session.session_id) == session

    def test_counts(self, tokens: TokenStore, session: TokenRecord) -> None:
        """Live and expired records are counted by type, with the time of the oldest."""
        assert tokens.counts(START) == {"session": TokenCounts(1, 0, START)}
        handoff = handoff_record(session)
        younger = session_record(session.user_id, created_at=START + timedelta(hours=1))
        for record in (handoff, younger):
            tokens.put(record)
        assert tokens.counts(handoff.expires_at) == {
            "session": TokenCounts(2, 0, START),
            "handoff": TokenCounts(0, 1, START),
        }
        assert tokens.counts(session.expires_at)["session"] == TokenCounts(1, 1, START)
        tokens.end_session(session.session_id)
        assert tokens.counts(START) == {"session": TokenCounts(1, 0, younger.created_at)}
