"""The tests that every store of accounts has to pass: one class, which a store's tests inherit."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.protocols import UserStore
from streamlit_persistauth.core.storage.queries import UserQuery, UserSort, page_of
from streamlit_persistauth.core.storage.records import Pending, UserChanges, UserRecord
from streamlit_persistauth.errors import EmailTaken, UsernameTaken
from streamlit_persistauth.testing.races import at_once
from streamlit_persistauth.testing.rows import (
    INJECTIONS,
    START,
    person,
    user_record,
)


class UserStoreSuite:
    """Tests of the `UserStore` protocol. Subclasses define the fixture `users`."""

    @pytest.fixture
    def users(self) -> UserStore:
        """An empty store, the one under test."""
        raise NotImplementedError

    @pytest.fixture
    def ada(self, users: UserStore) -> UserRecord:
        """An account in the store."""
        record = user_record()
        users.add(record)
        return record

    def test_round_trip(self, users: UserStore, ada: UserRecord) -> None:
        """An added account is read unchanged, by id and by address, to the microsecond."""
        assert users.get(ada.user.id) == ada
        assert users.find(ada.user.email) == ada

    def test_highest_hash_cost(self, users: UserStore, ada: UserRecord) -> None:
        """The highest cost is found, among hashes of each supported form."""
        assert users.highest_hash_cost() == 0
        salt_and_digest = "." * 53
        tagged, end = "$bcrypt-sha256$v=2,t=2b,r=", f"${'.' * 22}${'.' * 31}"
        for stored, highest in (
            (f"{tagged}4{end}", 4),
            (f"$2b$10${salt_and_digest}", 10),
            (f"{tagged}9,p={'0' * 16}{end}", 10),
            (f"{tagged}12{end}", 12),
            (f"$2y$14${salt_and_digest}", 14),
            ("$argon2id$v=19$m=65536,t=3,p=4$AAAA$AAAA", 14),
            (f"$2b$31${salt_and_digest}", 14),
            ("", 14),
        ):
            record = user_record(f"{new_id()}@example.com")
            users.add(replace(record, password_hash=stored))
            assert users.highest_hash_cost() == highest
        users.update(ada.user.id, {"password_hash": f"{tagged}15{end}"})
        assert users.highest_hash_cost() == 15
        users.update(ada.user.id, {"password_hash": f"{tagged}4{end}"})
        assert users.highest_hash_cost() == 14

    def test_absent(self, users: UserStore) -> None:
        """A missing account is None."""
        users.add(user_record())
        assert users.get(new_id()) is None
        assert users.find("bob@example.com") is None

    def test_get_many(self, users: UserStore, ada: UserRecord) -> None:
        """Several accounts are read at once. Missing ones are left out."""
        bob, eve = user_record("bob@example.com"), user_record("eve@example.com")
        for record in (bob, eve):
            users.add(record)
        users.update(ada.user.id, {"is_active": False, "security_stamp": "f" * 32})
        users.delete(eve.user.id)
        ids = [ada.user.id, eve.user.id, bob.user.id, new_id(), f"{bob.user.id}\0", *INJECTIONS]
        found = {record.user.id: record for record in users.get_many(ids)}
        assert found == {ada.user.id: users.get(ada.user.id), bob.user.id: bob}
        assert users.get_many(frozenset()) == []
        many = [new_id() for _ in range(2_000)]
        assert users.get_many({*many, bob.user.id}) == [bob]

    def test_is_empty(self, users: UserStore) -> None:
        """A store is empty until an account is added."""
        assert users.is_empty()
        users.add(user_record())
        assert not users.is_empty()

    def test_add_first(self, users: UserStore) -> None:
        """`add_first` adds an account only to an empty store."""
        first = user_record()
        assert users.add_first(first) is True
        assert users.get(first.user.id) == first
        for email in ("bob@example.com", first.user.email):
            assert users.add_first(user_record(email)) is False
        assert users.find("bob@example.com") is None
        assert users.find(first.user.email) == first

    def test_add_first_beside_a_pending_account(self, users: UserStore) -> None:
        """A pending account prevents `add_first`."""
        waiting = replace(user_record("eve@example.com"), pending=Pending.INVITATION)
        users.add(waiting)
        assert users.add_first(user_record()) is False

    def test_add_first_again(self, users: UserStore, ada: UserRecord) -> None:
        """`add_first` succeeds after the last account was deleted."""
        users.delete(ada.user.id)
        assert users.add_first(user_record()) is True

    @pytest.mark.parametrize("email", INJECTIONS)
    def test_address_is_data(self, users: UserStore, ada: UserRecord, email: str) -> None:
        """An address is compared byte for byte, and never as SQL or a pattern."""
        assert users.find(email) is None
        assert users.get(email) is None
        other = user_record(email)
        users.add(other)
        assert users.find(email) == other
        assert users.find(ada.user.email) == ada

    def test_nul(self, users: UserStore, ada: UserRecord) -> None:
        """A text with a NUL, which some databases refuse, finds no account."""
        assert users.find(f"{ada.user.email}\0") is None
        assert users.get(f"{ada.user.id}\0") is None

    def test_taken(self, users: UserStore, ada: UserRecord) -> None:
        """A second account with the same address is refused, and changes nothing."""
        second = user_record(ada.user.email)
        with pytest.raises(EmailTaken):
            users.add(second)
        assert users.get(second.user.id) is None
        assert users.find(ada.user.email) == ada

    def test_update(self, users: UserStore, ada: UserRecord) -> None:
        """Only the given columns change."""
        bob = user_record("bob@example.com")
        users.add(bob)
        later = START + timedelta(days=1, microseconds=7)
        changed = users.update(
            ada.user.id, {"last_login_at": later, "roles": (), "is_active": False}
        )
        assert changed is True
        expected = replace(ada.user, last_login_at=later, roles=(), is_active=False)
        assert users.get(ada.user.id) == replace(ada, user=expected)
        assert users.get(bob.user.id) == bob

    def test_update_the_hash(self, users: UserStore, ada: UserRecord) -> None:
        """Only the hash changes."""
        assert users.update(ada.user.id, {"password_hash": "new"})
        assert users.get(ada.user.id) == replace(ada, password_hash="new")

    @pytest.mark.parametrize("changes", [{"password_hash": "new"}, {"security_stamp": "new"}])
    def test_update_with_was(self, users: UserStore, ada: UserRecord, changes: UserChanges) -> None:
        """With `was`, an account changes only if its hash and stamp are still the same."""
        update = users.update
        assert update(ada.user.id, changes, was=ada)
        changed = users.get(ada.user.id)
        assert not update(ada.user.id, {"is_active": False}, was=ada)
        assert users.get(ada.user.id) == changed
        assert changed is not None
        assert update(ada.user.id, {"is_active": False}, was=changed)

    def test_update_with_was_without_a_stamp(self, users: UserStore) -> None:
        """`was` may be an account without a stamp, as in a table of the app."""
        old = replace(user_record("old@example.com"), security_stamp=None)
        users.add(old)
        assert users.update(old.user.id, {"security_stamp": "new"}, was=old)
        assert not users.update(old.user.id, {"security_stamp": "newer"}, was=old)

    def test_update_the_address(self, users: UserStore, ada: UserRecord) -> None:
        """An account is found by its new address; the old one can be used again."""
        changes: UserChanges = {"email": "eve@example.com", "email_key": "e" * 64}
        assert users.update(ada.user.id, changes)
        moved = replace(ada, user=replace(ada.user, email="eve@example.com"), email_key="e" * 64)
        assert users.find("eve@example.com") == moved
        assert users.find(ada.user.email) is None
        users.add(replace(ada, user=replace(ada.user, id=new_id())))

    def test_update_to_a_taken_address(self, users: UserStore, ada: UserRecord) -> None:
        """An address, or key, of another account is refused, and changes nothing."""
        bob = user_record("bob@example.com")
        users.add(bob)
        with pytest.raises(EmailTaken):
            users.update(ada.user.id, {"email": bob.user.email, "email_key": "e" * 64})
        with pytest.raises(EmailTaken):
            users.update(
                ada.user.id, {"email": "eve@example.com", "email_key": bob.email_key or ""}
            )
        assert users.get(ada.user.id) == ada
        assert users.find(ada.user.email) == ada
        assert users.find("eve@example.com") is None

    @pytest.fixture
    def bob(self, users: UserStore) -> UserRecord:
        """An account with a username, and without an address."""
        record = user_record("", "bob")
        users.add(record)
        return record

    def test_username_round_trip(self, users: UserStore, ada: UserRecord, bob: UserRecord) -> None:
        """An account is found by its username; addresses and usernames are separate."""
        both = user_record("cleo@example.com", "cleo")
        users.add(both)
        for record in (bob, both):
            assert users.get(record.user.id) == record
            assert users.find_username(record.user.username) == record
        assert users.find("cleo@example.com") == both
        assert users.find("cleo") is None
        assert users.find_username("cleo@example.com") is None
        assert users.find_username(ada.user.email) is None

    def test_username_key(self, users: UserStore, ada: UserRecord, bob: UserRecord) -> None:
        """An account is found by its username's key, until it changes."""
        key = str(bob.username_key)
        assert users.find_username_key(key) == bob
        for other in (str(ada.email_key), "bob", key[1:], "", f"{key}\0", *INJECTIONS):
            assert users.find_username_key(other) is None
        users.update(bob.user.id, {"username": "robert", "username_key": "f" * 64})
        assert users.find_username_key(key) is None
        assert users.find_username_key("f" * 64) == users.get(bob.user.id)
        users.delete(bob.user.id)
        assert users.find_username_key("f" * 64) is None

    def test_none_is_not_found(self, users: UserStore, ada: UserRecord, bob: UserRecord) -> None:
        """Many accounts can have no address, or no username; an empty text finds none."""
        users.add(user_record("", "cleo"))
        users.add(user_record("dan@example.com"))
        assert users.find("") is None
        assert users.find_username("") is None
        assert users.get(ada.user.id) == ada
        assert users.get(bob.user.id) == bob

    @pytest.mark.parametrize("username", INJECTIONS)
    def test_username_is_data(self, users: UserStore, bob: UserRecord, username: str) -> None:
        """A username is compared byte for byte, and never as SQL or a pattern."""
        assert users.find_username(username) is None
        other = user_record("", username)
        users.add(other)
        assert users.find_username(username) == other
        assert users.find_username("bob") == bob

    @pytest.mark.parametrize("key", ["bob", "other"])
    def test_username_taken(self, users: UserStore, bob: UserRecord, key: str) -> None:
        """A username, or key, of another account is refused, and changes nothing."""
        username = "bob" if key == "bob" else "b0b"
        twin = user_record("twin@example.com", username)
        if key == "other":
            twin = replace(twin, username_key=bob.username_key)
        with pytest.raises(UsernameTaken):
            users.add(twin)
        assert users.get(twin.user.id) is None
        other = user_record("other@example.com", "other")
        users.add(other)
        changes: UserChanges = {"username": username, "username_key": twin.username_key}
        with pytest.raises(UsernameTaken):
            users.update(other.user.id, changes)
        assert users.get(other.user.id) == other
        assert users.find_username("bob") == bob
        assert users.update(bob.user.id, changes)

    def test_update_the_username(self, users: UserStore, ada: UserRecord, bob: UserRecord) -> None:
        """A username is added, changed and removed; the old one can be used again."""
        for record, username in ((ada, "countess"), (bob, "robert"), (bob, "")):
            key = "f" * 64 if username else None
            users.update(ada.user.id, {"username": "", "username_key": None})
            assert users.update(record.user.id, {"username": username, "username_key": key})
            user = replace(record.user, username=username)
            assert users.get(record.user.id) == replace(record, user=user, username_key=key)
            assert (users.find_username(username) is None) == (not username)
        assert users.find_username("bob") is None
        users.add(user_record("", "bob"))

    def test_update_to_no_address(self, users: UserStore, ada: UserRecord) -> None:
        """Addresses of several accounts can be removed, and used again."""
        other = user_record("other@example.com", "other")
        users.add(other)
        for record in (ada, other):
            assert users.update(record.user.id, {"email": "", "email_key": None})
            found = users.get(record.user.id)
            assert found == replace(record, user=replace(record.user, email=""), email_key=None)
        assert users.find(ada.user.email) is None
        users.add(user_record(ada.user.email))

    @pytest.mark.parametrize("descending", [False, True])
    def test_page_with_usernames(
        self, users: UserStore, ada: UserRecord, bob: UserRecord, *, descending: bool
    ) -> None:
        """Accounts are found and sorted by username; those without a value come last."""
        cleo = user_record("cleo@example.com", "cleo_%")
        users.add(cleo)
        named = (cleo, bob) if descending else (bob, cleo)
        addressed = (cleo, ada) if descending else (ada, cleo)
        by_username = UserQuery(sort="username", descending=descending)
        assert users.page(by_username).users == (*named, ada)
        assert users.page(replace(by_username, sort="email")).users == (*addressed, bob)
        assert users.page(replace(by_username, offset=1, limit=1)).users == named[1:]
        assert users.page(UserQuery("CLEO_%")).users == (cleo,)
        assert users.page(UserQuery("BO")).users == (bob,)

    @pytest.mark.parametrize("pending", Pending)
    def test_pending(self, users: UserStore, pending: Pending) -> None:
        """`pending` is stored and removed."""
        waiting = replace(user_record("eve@example.com"), pending=pending)
        users.add(waiting)
        assert users.get(waiting.user.id) == waiting
        assert users.update(waiting.user.id, {"pending": None})
        assert users.get(waiting.user.id) == replace(waiting, pending=None)
        assert users.update(waiting.user.id, {"pending": pending})
        assert users.get(waiting.user.id) == waiting

    def test_update_the_stamp(self, users: UserStore, ada: UserRecord) -> None:
        """Only the security stamp changes."""
        assert users.update(ada.user.id, {"security_stamp": "f" * 32})
        assert users.get(ada.user.id) == replace(ada, security_stamp="f" * 32)

    def test_update_missing(self, users: UserStore, ada: UserRecord) -> None:
        """A change of a missing account returns False."""
        assert users.update(new_id(), {"is_active": False}) is False
        assert users.get(ada.user.id) == ada

    def test_email_keys(self, users: UserStore, ada: UserRecord) -> None:
        """Only one account can have an `email_key`; several can have none."""
        twin = replace(user_record("bob@example.com"), email_key=ada.email_key)
        with pytest.raises(EmailTaken):
            users.add(twin)
        assert users.find("bob@example.com") is None
        for name in ("cleo", "dan"):
            users.add(replace(user_record(f"{name}@example.com"), email_key=None))

    def test_purge_unproven(self, users: UserStore, ada: UserRecord) -> None:
        """Only old accounts with an unconfirmed address are deleted."""
        waiting = [
            replace(user_record(f"{pending.value}@example.com"), pending=pending)
            for pending in Pending
        ]
        for record in waiting:
            users.add(record)
        made = ada.user.created_at or START
        assert users.purge_unproven(made) == 0
        assert users.purge_unproven(made + timedelta(microseconds=1)) == 1
        assert users.find("confirmation@example.com") is None
        assert users.find("invitation@example.com") == waiting[1]
        assert users.get(ada.user.id) == ada

    @pytest.fixture
    def people(self, users: UserStore) -> dict[str, UserRecord]:
        """Various accounts, by the first letter of their addresses."""
        made = {
            "a": person("a@example.com", "Zoë Ödegård", roles=("admin",)),
            "b": person("b_b@example.com", "100% Bob", roles=("editor", "Admin")),
            "c": person("c@example.org", "*[c]?", roles=("admin", "päpstin"), is_active=False),
            "d": replace(person("d@example.org", "", roles=()), pending=Pending.INVITATION),
            "e": person("e@example.org", "Eve^.($|]", roles=('x", "admin', "[", "administrator")),
        }
        for record in made.values():
            users.add(record)
        return made

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            (UserQuery(), "abcde"),
            (UserQuery("EXAMPLE.ORG"), "cde"),
            (UserQuery("zoë öd"), "a"),
            (UserQuery("ZOË ÖDEGÅRD"), "a"),
            (UserQuery("zoe\u0308"), "a"),
            (UserQuery("%"), "b"),
            (UserQuery("_"), "b"),
            (UserQuery("*"), "c"),
            (UserQuery("["), "c"),
            (UserQuery("[c]?"), "c"),
            (UserQuery("^"), "e"),
            (UserQuery("^.($|]"), "e"),
            (UserQuery(".*"), ""),
            (UserQuery("\\"), ""),
            (UserQuery("'"), ""),
            (UserQuery("a\0"), ""),
            (UserQuery("x" * 1000), ""),
            (UserQuery(role="admin"), "ac"),
            (UserQuery(role="Admin"), "b"),
            (UserQuery(role="päpstin"), "c"),
            (UserQuery(role='x", "admin'), "e"),
            (UserQuery(role="["), "e"),
            (UserQuery(role="%"), ""),
            (UserQuery(role="admin\0"), ""),
            (UserQuery(status="active"), "abe"),
            (UserQuery(status="disabled"), "c"),
            (UserQuery(status="pending"), "d"),
            (UserQuery("example", role="admin", status="active"), "a"),
            (UserQuery(descending=True), "edcba"),
            (UserQuery(offset=1, limit=2), "bc"),
            (UserQuery(offset=99), ""),
        ],
    )
    def test_page(
        self, users: UserStore, people: dict[str, UserRecord], query: UserQuery, names: str
    ) -> None:
        """Accounts are filtered by text, role and status, and sorted; a text is never a pattern."""
        page = users.page(query)
        assert [record.user.email[0] for record in page.users] == list(names)
        assert page.users == tuple(people[name] for name in names)
        everything = users.page(replace(query, offset=0, limit=50))
        assert page.total == len(everything.users)

    @pytest.mark.parametrize("descending", [False, True])
    @pytest.mark.parametrize("sort", ["full_name", "created_at", "last_login_at"])
    def test_page_order(self, users: UserStore, sort: UserSort, *, descending: bool) -> None:
        """Pages have no gaps or repetitions, even among equal values."""
        times = {"a": START, "b": START + timedelta(days=1), "c": None}
        made = []
        for number in range(12):
            mail = "abc"[number % 3]
            record = person(f"{number}@example.com", mail)
            moment = times[mail]
            user = replace(record.user, created_at=moment or START, last_login_at=moment)
            made.append(replace(record, user=user))
            users.add(made[-1])
        pages = [
            users.page(UserQuery(sort=sort, descending=descending, offset=offset, limit=5))
            for offset in (0, 5, 10)
        ]
        assert {page.total for page in pages} == {12}
        assert [record for page in pages for record in page.users] == list(
            page_of(made, UserQuery(sort=sort, descending=descending)).users
        )

    def test_delete(self, users: UserStore, ada: UserRecord) -> None:
        """A deleted account is not found, and its address can be used again."""
        assert users.delete(ada.user.id) is True
        assert users.delete(ada.user.id) is False
        assert users.get(ada.user.id) is None
        assert users.find(ada.user.email) is None
        users.add(user_record(ada.user.email))

    def test_add_at_once(self, users: UserStore) -> None:
        """Of twenty threads that add one address, one succeeds."""
        records = [user_record() for _ in range(20)]

        def adding(record: UserRecord) -> Callable[[], bool]:
            def add() -> bool:
                try:
                    users.add(record)
                except EmailTaken:
                    return False
                return True

            return add

        outcomes = at_once(*map(adding, records))
        assert outcomes.count(True) == 1
        assert users.find("ada@example.com") == records[outcomes.index(True)]

    def test_add_a_username_at_once(self, users: UserStore) -> None:
        """Of twenty threads that add one username, one succeeds."""
        records = [user_record(f"{number}@example.com", "ada") for number in range(20)]

        def adding(record: UserRecord) -> Callable[[], bool]:
            def add() -> bool:
                try:
                    users.add(record)
                except UsernameTaken:
                    return False
                return True

            return add

        outcomes = at_once(*map(adding, records))
        assert outcomes.count(True) == 1
        assert users.find_username("ada") == records[outcomes.index(True)]
        assert users.page(UserQuery()).total == 1

    def test_add_first_at_once(self, users: UserStore) -> None:
        """Of twenty threads that add different accounts as the first one, one succeeds."""
        records = [user_record(f"{number}@example.com") for number in range(20)]
        outcomes = at_once(*[partial(users.add_first, record) for record in records])
        assert outcomes.count(True) == 1
        assert users.page(UserQuery()).users == (records[outcomes.index(True)],)
