"""What `core/storage.py` states, held against every store."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.stores.conftest import Stores
from tests.support.clock import START
from tests.support.races import at_once
from tests.support.rows import handoff_record, session_record, user_record

from streamlit_persistauth.core.records import (
    CounterRecord,
    Pending,
    TokenRecord,
    TokenType,
    UserChanges,
    UserRecord,
)
from streamlit_persistauth.core.secrets import fingerprint, new_id, new_secret
from streamlit_persistauth.errors import EmailTaken
from streamlit_persistauth.models import Tally

INJECTIONS = [
    "' OR '1'='1",
    "x'; DROP TABLE users; --",
    'x" OR ""="',
    "%",
    "_da@example.com",
    "ada@example.com' --",
    "ADA@EXAMPLE.COM",
    "ada@example.com ",
    "\\",
    "",
]


@pytest.fixture
def ada(stores: Stores) -> UserRecord:
    """An account in the store."""
    record = user_record()
    stores.users.add(record)
    return record


@pytest.fixture
def session(stores: Stores, ada: UserRecord) -> TokenRecord:
    """A sign-in of that account in the store."""
    record = session_record(ada.user.id)
    stores.tokens.put(record)
    return record


class TestUsers:
    """Where accounts live."""

    def test_round_trip(self, stores: Stores, ada: UserRecord) -> None:
        """What was added is what is read, by id and by address, to the microsecond."""
        assert stores.users.get(ada.user.id) == ada
        assert stores.users.find(ada.user.email) == ada

    def test_absent(self, stores: Stores) -> None:
        """What is not there is None."""
        stores.users.add(user_record())
        assert stores.users.get(new_id()) is None
        assert stores.users.find("bob@example.com") is None

    def test_is_empty(self, stores: Stores) -> None:
        """A store is empty until the first account."""
        assert stores.users.is_empty()
        stores.users.add(user_record())
        assert not stores.users.is_empty()

    @pytest.mark.parametrize("email", INJECTIONS)
    def test_address_is_data(self, stores: Stores, ada: UserRecord, email: str) -> None:
        """An address is compared byte for byte and never read as SQL or as a pattern."""
        assert stores.users.find(email) is None
        assert stores.users.get(email) is None
        other = user_record(email)
        stores.users.add(other)
        assert stores.users.find(email) == other
        assert stores.users.find(ada.user.email) == ada

    def test_nul(self, stores: Stores, ada: UserRecord) -> None:
        """Nothing is found for a text with a NUL, which not every database can look for."""
        assert stores.users.find(f"{ada.user.email}\0") is None
        assert stores.users.get(f"{ada.user.id}\0") is None
        assert stores.tokens.find(TokenType.SESSION, "\0") is None
        assert stores.tokens.find_session("\0") is None
        assert stores.tokens.count("\0") is None

    def test_taken(self, stores: Stores, ada: UserRecord) -> None:
        """A second account with an address is refused and changes nothing."""
        second = user_record(ada.user.email)
        with pytest.raises(EmailTaken):
            stores.users.add(second)
        assert stores.users.get(second.user.id) is None
        assert stores.users.find(ada.user.email) == ada

    def test_update(self, stores: Stores, ada: UserRecord) -> None:
        """The named columns change and no other."""
        bob = user_record("bob@example.com")
        stores.users.add(bob)
        later = START + timedelta(days=1, microseconds=7)
        changed = stores.users.update(
            ada.user.id, {"last_login_at": later, "roles": (), "is_active": False}
        )
        assert changed is True
        expected = replace(ada.user, last_login_at=later, roles=(), is_active=False)
        assert stores.users.get(ada.user.id) == replace(ada, user=expected)
        assert stores.users.get(bob.user.id) == bob

    def test_update_the_hash(self, stores: Stores, ada: UserRecord) -> None:
        """The stored hash changes alone."""
        assert stores.users.update(ada.user.id, {"password_hash": "new"})
        assert stores.users.get(ada.user.id) == replace(ada, password_hash="new")

    @pytest.mark.parametrize("changes", [{"password_hash": "new"}, {"security_stamp": "new"}])
    def test_update_what_is_unchanged(
        self, stores: Stores, ada: UserRecord, changes: UserChanges
    ) -> None:
        """A change that names what was read is made only while hash and stamp are still those."""
        update = stores.users.update
        assert update(ada.user.id, changes, was=ada)
        changed = stores.users.get(ada.user.id)
        assert not update(ada.user.id, {"is_active": False}, was=ada)
        assert stores.users.get(ada.user.id) == changed
        assert changed is not None
        assert update(ada.user.id, {"is_active": False}, was=changed)

    def test_update_without_a_stamp(self, stores: Stores) -> None:
        """An adopted account, which has no stamp, can be named too."""
        old = replace(user_record("old@example.com"), security_stamp=None)
        stores.users.add(old)
        assert stores.users.update(old.user.id, {"security_stamp": "new"}, was=old)
        assert not stores.users.update(old.user.id, {"security_stamp": "newer"}, was=old)

    def test_update_the_address(self, stores: Stores, ada: UserRecord) -> None:
        """A new address is found, and the old one is free."""
        changes: UserChanges = {"email": "eve@example.com", "email_key": "e" * 64}
        assert stores.users.update(ada.user.id, changes)
        moved = replace(ada, user=replace(ada.user, email="eve@example.com"), email_key="e" * 64)
        assert stores.users.find("eve@example.com") == moved
        assert stores.users.find(ada.user.email) is None
        stores.users.add(replace(ada, user=replace(ada.user, id=new_id())))

    def test_update_to_a_taken_address(self, stores: Stores, ada: UserRecord) -> None:
        """An address of somebody else's, or one that looks like it, is refused, and all stays."""
        bob = user_record("bob@example.com")
        stores.users.add(bob)
        with pytest.raises(EmailTaken):
            stores.users.update(ada.user.id, {"email": bob.user.email, "email_key": "e" * 64})
        with pytest.raises(EmailTaken):
            stores.users.update(
                ada.user.id, {"email": "eve@example.com", "email_key": bob.email_key or ""}
            )
        assert stores.users.get(ada.user.id) == ada
        assert stores.users.find(ada.user.email) == ada
        assert stores.users.find("eve@example.com") is None

    @pytest.mark.parametrize("pending", Pending)
    def test_pending(self, stores: Stores, pending: Pending) -> None:
        """What an account waits for is kept, and forgotten."""
        waiting = replace(user_record("eve@example.com"), pending=pending)
        stores.users.add(waiting)
        assert stores.users.get(waiting.user.id) == waiting
        assert stores.users.update(waiting.user.id, {"pending": None})
        assert stores.users.get(waiting.user.id) == replace(waiting, pending=None)
        assert stores.users.update(waiting.user.id, {"pending": pending})
        assert stores.users.get(waiting.user.id) == waiting

    def test_update_the_stamp(self, stores: Stores, ada: UserRecord) -> None:
        """The security stamp changes alone."""
        assert stores.users.update(ada.user.id, {"security_stamp": "f" * 32})
        assert stores.users.get(ada.user.id) == replace(ada, security_stamp="f" * 32)

    def test_update_nobody(self, stores: Stores, ada: UserRecord) -> None:
        """Changing an account that is not there says so."""
        assert stores.users.update(new_id(), {"is_active": False}) is False
        assert stores.users.get(ada.user.id) == ada

    def test_twins(self, stores: Stores, ada: UserRecord) -> None:
        """Addresses with one key exclude each other; accounts without a key exclude nobody."""
        twin = replace(user_record("bob@example.com"), email_key=ada.email_key)
        with pytest.raises(EmailTaken):
            stores.users.add(twin)
        assert stores.users.find("bob@example.com") is None
        for name in ("cleo", "dan"):
            stores.users.add(replace(user_record(f"{name}@example.com"), email_key=None))

    def test_purge_unproven(self, stores: Stores, ada: UserRecord) -> None:
        """Accounts that never proved their address go when they are old; others stay."""
        waiting = [
            replace(user_record(f"{pending.value}@example.com"), pending=pending)
            for pending in Pending
        ]
        for record in waiting:
            stores.users.add(record)
        made = ada.user.created_at or START
        assert stores.users.purge_unproven(made) == 0
        assert stores.users.purge_unproven(made + timedelta(microseconds=1)) == 1
        assert stores.users.find("confirmation@example.com") is None
        assert stores.users.find("invitation@example.com") == waiting[1]
        assert stores.users.get(ada.user.id) == ada

    def test_delete(self, stores: Stores, ada: UserRecord) -> None:
        """A deleted account is gone, and its address is free again."""
        assert stores.users.delete(ada.user.id) is True
        assert stores.users.delete(ada.user.id) is False
        assert stores.users.get(ada.user.id) is None
        assert stores.users.find(ada.user.email) is None
        stores.users.add(user_record(ada.user.email))

    def test_add_at_once(self, stores: Stores) -> None:
        """Of twenty threads that add one address, one succeeds."""
        records = [user_record() for _ in range(20)]

        def adding(record: UserRecord) -> Callable[[], bool]:
            def add() -> bool:
                try:
                    stores.users.add(record)
                except EmailTaken:
                    return False
                return True

            return add

        outcomes = at_once(*map(adding, records))
        assert outcomes.count(True) == 1
        assert stores.users.find("ada@example.com") == records[outcomes.index(True)]


class TestTokens:
    """Where sign-ins and single-use codes live."""

    def test_round_trip(self, stores: Stores, session: TokenRecord) -> None:
        """What was added is what is read, by its hash and by its sign-in."""
        assert stores.tokens.find(TokenType.SESSION, session.token_hash) == session
        assert stores.tokens.find_session(session.session_id) == session
        handoff = handoff_record(session)
        stores.tokens.put(handoff)
        assert stores.tokens.find(TokenType.HANDOFF, handoff.token_hash) == handoff

    def test_type_counts(self, stores: Stores, session: TokenRecord) -> None:
        """A record of one type is never found as another, nor consumed as one."""
        assert stores.tokens.find(TokenType.HANDOFF, session.token_hash) is None
        assert stores.tokens.consume(TokenType.HANDOFF, session.token_hash) is None
        handoff = handoff_record(session)
        stores.tokens.put(handoff)
        assert stores.tokens.find(TokenType.SESSION, handoff.token_hash) is None
        assert stores.tokens.find_session(session.session_id) == session
        assert stores.tokens.list_sessions(session.user_id) == [session]

    @pytest.mark.parametrize("text", [*INJECTIONS, "0" * 64])
    def test_absent(self, stores: Stores, session: TokenRecord, text: str) -> None:
        """What is not there is None, whatever is asked for."""
        assert stores.tokens.find(TokenType.SESSION, text) is None
        assert stores.tokens.find_session(text) is None
        assert stores.tokens.consume(TokenType.SESSION, text) is None
        assert stores.tokens.count(text) is None
        assert stores.tokens.end_session(text) == 0
        assert stores.tokens.end_user(text) == 0
        assert stores.tokens.list_sessions(text) == []
        assert stores.tokens.find_session(session.session_id) == session

    def test_hash_is_exact(self, stores: Stores, session: TokenRecord) -> None:
        """A hash is compared byte for byte."""
        assert stores.tokens.find(TokenType.SESSION, session.token_hash.upper()) is None
        assert stores.tokens.find(TokenType.SESSION, session.token_hash + " ") is None

    def test_swap(self, stores: Stores, session: TokenRecord) -> None:
        """A session with a new secret is found by it, and no longer by the old one."""
        handoff = handoff_record(session)
        stores.tokens.put(handoff)
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
        assert stores.tokens.swap(session, new)
        expected = replace(new, revision=1)
        assert stores.tokens.find(TokenType.SESSION, "a" * 64) == expected
        assert stores.tokens.find(TokenType.SESSION, session.token_hash) is None
        assert stores.tokens.find(TokenType.HANDOFF, handoff.token_hash) == handoff

    def test_swap_of_an_old_reading(self, stores: Stores, session: TokenRecord) -> None:
        """Who read a record before somebody else changed it changes nothing."""
        assert stores.tokens.swap(session, replace(session, last_used_at=START))
        assert not stores.tokens.swap(session, replace(session, token_hash="a" * 64))
        assert stores.tokens.find(TokenType.SESSION, "a" * 64) is None

    def test_swap_at_once(self, stores: Stores, session: TokenRecord) -> None:
        """Of twenty threads that change one record, one succeeds."""

        def swapping(text: str) -> Callable[[], bool]:
            return lambda: stores.tokens.swap(session, replace(session, token_hash=text))

        outcomes = at_once(*[swapping(fingerprint(new_secret())) for _ in range(20)])
        assert outcomes.count(True) == 1

    def test_put_in_place(self, stores: Stores, session: TokenRecord) -> None:
        """A record takes the place of the one with the same id, and of no other."""
        handoff = handoff_record(session)
        stores.tokens.put(handoff)
        newer = replace(handoff, token_hash="a" * 64)
        stores.tokens.put(newer)
        assert stores.tokens.find(TokenType.HANDOFF, handoff.token_hash) is None
        assert stores.tokens.find(TokenType.HANDOFF, newer.token_hash) == newer
        assert stores.tokens.find_session(session.session_id) == session

    def test_put_at_once(self, stores: Stores, session: TokenRecord) -> None:
        """Of twenty threads that put a record with one id, one's stays."""
        one = handoff_record(session)
        records = [replace(one, token_hash=fingerprint(new_secret())) for _ in range(20)]
        at_once(*[lambda record=record: stores.tokens.put(record) for record in records])
        found = [stores.tokens.find(TokenType.HANDOFF, record.token_hash) for record in records]
        assert len([record for record in found if record]) == 1

    def test_consume(self, stores: Stores, session: TokenRecord) -> None:
        """A record is consumed once, and the sign-in it belongs to stays."""
        handoff = handoff_record(session)
        stores.tokens.put(handoff)
        assert stores.tokens.consume(TokenType.HANDOFF, handoff.token_hash) == handoff
        assert stores.tokens.consume(TokenType.HANDOFF, handoff.token_hash) is None
        assert stores.tokens.find_session(session.session_id) == session

    def test_consume_at_once(self, stores: Stores, session: TokenRecord) -> None:
        """Of twenty threads that consume one record, one gets it."""
        handoff = handoff_record(session)
        stores.tokens.put(handoff)

        def consume() -> TokenRecord | None:
            return stores.tokens.consume(TokenType.HANDOFF, handoff.token_hash)

        outcomes = at_once(*[consume] * 20)
        assert [outcome for outcome in outcomes if outcome] == [handoff]

    def test_end_session(self, stores: Stores, session: TokenRecord) -> None:
        """All records of a sign-in go, and no other."""
        other = session_record(session.user_id)
        stores.tokens.put(other)
        stores.tokens.put(handoff_record(session))
        assert stores.tokens.end_session(session.session_id) == 2
        assert stores.tokens.end_session(session.session_id) == 0
        assert stores.tokens.list_sessions(session.user_id) == [other]

    def test_swap_of_an_ended_session(self, stores: Stores, session: TokenRecord) -> None:
        """A session that has ended is not revived by a change."""
        stores.tokens.end_session(session.session_id)
        assert not stores.tokens.swap(session, replace(session, token_hash="a" * 64))
        assert stores.tokens.find(TokenType.SESSION, "a" * 64) is None

    def test_swap_while_it_ends(self, stores: Stores, ada: UserRecord) -> None:
        """A session that ends while it changes stays ended, whoever comes first."""
        for _ in range(10):
            session = session_record(ada.user.id)
            stores.tokens.put(session)
            hashes = [fingerprint(new_secret()) for _ in range(3)]

            def swap(token_hash: str, session: TokenRecord = session) -> object:
                return stores.tokens.swap(session, replace(session, token_hash=token_hash))

            def end(session_id: str = session.session_id) -> object:
                return stores.tokens.end_session(session_id)

            swaps = [lambda text=text, run=swap: run(text) for text in hashes]
            at_once(*swaps, end)
            assert stores.tokens.find_session(session.session_id) is None
            assert not any(stores.tokens.find(TokenType.SESSION, text) for text in hashes)
        assert stores.tokens.list_sessions(ada.user.id) == []

    def test_end_user(self, stores: Stores, session: TokenRecord) -> None:
        """All records of a user go but those of the sign-in that is kept."""
        bob = user_record("bob@example.com")
        stores.users.add(bob)
        bobs = session_record(bob.user.id)
        other = session_record(session.user_id)
        for record in (bobs, other, handoff_record(session), handoff_record(other)):
            stores.tokens.put(record)
        assert stores.tokens.end_user(session.user_id, keep=session.session_id) == 2
        assert stores.tokens.list_sessions(session.user_id) == [session]
        assert stores.tokens.end_user(session.user_id) == 2
        assert stores.tokens.list_sessions(session.user_id) == []
        assert stores.tokens.list_sessions(bob.user.id) == [bobs]

    def test_newest_first(self, stores: Stores, ada: UserRecord) -> None:
        """Sign-ins are listed newest first."""
        records = [
            session_record(ada.user.id, created_at=START + timedelta(days=day))
            for day in (3, 99, 0, 7)
        ]
        for record in records:
            stores.tokens.put(record)
        listed = stores.tokens.list_sessions(ada.user.id)
        assert listed == [records[1], records[3], records[0], records[2]]

    def test_purge(self, stores: Stores, session: TokenRecord) -> None:
        """Only records that expired before the moment go."""
        handoff = handoff_record(session)
        stores.tokens.put(handoff)
        assert stores.tokens.purge(handoff.expires_at) == 0
        assert stores.tokens.purge(handoff.expires_at + timedelta(microseconds=1)) == 1
        assert stores.tokens.find(TokenType.HANDOFF, handoff.token_hash) is None
        assert stores.tokens.find_session(session.session_id) == session

    def test_expired(self, stores: Stores, session: TokenRecord) -> None:
        """An expired record is found as it is, or has gone; it takes no other with it."""
        old = session_record(session.user_id, created_at=START - timedelta(days=9999))
        stores.tokens.put(old)
        assert stores.tokens.find(TokenType.SESSION, old.token_hash) in (old, None)
        assert stores.tokens.list_sessions(session.user_id) in ([session, old], [session])
        assert stores.tokens.find_session(session.session_id) == session

    def test_tally(self, stores: Stores, session: TokenRecord) -> None:
        """Records are counted by type: live until they expire; the oldest is known."""
        assert stores.tokens.tally(START) == {"session": Tally(1, 0, START)}
        handoff = handoff_record(session)
        younger = session_record(session.user_id, created_at=START + timedelta(hours=1))
        for record in (handoff, younger):
            stores.tokens.put(record)
        assert stores.tokens.tally(handoff.expires_at) == {
            "session": Tally(2, 0, START),
            "handoff": Tally(0, 1, START),
        }
        assert stores.tokens.tally(session.expires_at)["session"] == Tally(1, 1, START)
        stores.tokens.end_session(session.session_id)
        assert stores.tokens.tally(START) == {"session": Tally(1, 0, younger.created_at)}


def counter(tries: int) -> CounterRecord:
    """A counter that says so many tries."""
    return CounterRecord(tries, START + timedelta(seconds=tries), START + timedelta(days=1))


class TestCounters:
    """What replicas count together."""

    def test_swap(self, stores: Stores) -> None:
        """A counter is made, changed and removed by whoever knows what it is now."""
        first, second = counter(1), counter(2)
        assert stores.tokens.count("key") is None
        assert stores.tokens.swap_count("key", None, first)
        assert stores.tokens.count("key") == first
        assert stores.tokens.swap_count("key", first, second)
        assert stores.tokens.count("key") == second
        assert stores.tokens.swap_count("key", second, None)
        assert stores.tokens.count("key") is None

    def test_swap_of_an_old_reading(self, stores: Stores) -> None:
        """Who read a counter before somebody else changed it changes nothing."""
        first, second = counter(1), counter(2)
        assert not stores.tokens.swap_count("key", first, second)
        assert stores.tokens.swap_count("key", None, first)
        assert not stores.tokens.swap_count("key", None, second)
        assert not stores.tokens.swap_count("key", second, None)
        other_time = replace(first, allowed_at=START)
        assert not stores.tokens.swap_count("key", other_time, second)
        assert stores.tokens.count("key") == first

    def test_swap_at_once(self, stores: Stores) -> None:
        """Of twenty threads that change one counter, one succeeds: made new, and there before."""
        for old, new in ((None, counter(1)), (counter(1), counter(2))):

            def swap(old: CounterRecord | None = old, new: CounterRecord = new) -> bool:
                return stores.tokens.swap_count("key", old, new)

            assert at_once(*[swap] * 20).count(True) == 1

    def test_keys_are_apart(self, stores: Stores) -> None:
        """One counter's change is no other's."""
        assert stores.tokens.swap_count("one", None, counter(1))
        assert stores.tokens.swap_count("two", None, counter(2))
        assert stores.tokens.count("one") == counter(1)

    def test_purge(self, stores: Stores) -> None:
        """Only counters that expired before the moment go."""
        assert stores.tokens.swap_count("key", None, counter(1))
        assert stores.tokens.purge(counter(1).expires_at) == 0
        assert stores.tokens.purge(counter(1).expires_at + timedelta(microseconds=1)) == 1
        assert stores.tokens.count("key") is None
