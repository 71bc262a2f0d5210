"""The tests of counters that every store of sign-ins has to pass."""

from dataclasses import replace
from datetime import timedelta

from streamlit_persistauth.core.storage.protocols import TokenStore
from streamlit_persistauth.core.storage.records import CounterRecord
from streamlit_persistauth.testing.races import at_once
from streamlit_persistauth.testing.rows import START
from streamlit_persistauth.testing.sign_in_fixtures import SignInFixtures


def counter(attempts: int) -> CounterRecord:
    """Return a counter with this number of attempts."""
    return CounterRecord(attempts, START + timedelta(seconds=attempts), START + timedelta(days=1))


class CounterSuite(SignInFixtures):
    """Tests of the counters of a `TokenStore`, as a part of `TokenStoreSuite`."""

    def test_counter_swap(self, tokens: TokenStore) -> None:
        """A counter is created, changed and removed by a caller that passes its current value."""
        first, second = counter(1), counter(2)
        assert tokens.count("key") is None
        assert tokens.swap_count("key", None, first)
        assert tokens.count("key") == first
        assert tokens.swap_count("key", first, second)
        assert tokens.count("key") == second
        assert tokens.swap_count("key", second, None)
        assert tokens.count("key") is None

    def test_counter_swap_of_an_old_value(self, tokens: TokenStore) -> None:
        """A caller that passes an old value changes nothing."""
        first, second = counter(1), counter(2)
        assert not tokens.swap_count("key", first, second)
        assert tokens.swap_count("key", None, first)
        assert not tokens.swap_count("key", None, second)
        assert not tokens.swap_count("key", second, None)
        other_time = replace(first, allowed_at=START)
        assert not tokens.swap_count("key", other_time, second)
        assert tokens.count("key") == first

    def test_counter_swap_at_once(self, tokens: TokenStore) -> None:
        """Of twenty threads that change one counter, new or existing, one succeeds."""
        for old, new in ((None, counter(1)), (counter(1), counter(2))):

            def swap(old: CounterRecord | None = old, new: CounterRecord = new) -> bool:
                return tokens.swap_count("key", old, new)

            assert at_once(*[swap] * 20).count(True) == 1

    def test_separate_counters(self, tokens: TokenStore) -> None:
        """A change of one counter does not change another."""
        assert tokens.swap_count("one", None, counter(1))
        assert tokens.swap_count("two", None, counter(2))
        assert tokens.count("one") == counter(1)

    def test_counter_purge(self, tokens: TokenStore) -> None:
        """Only counters that expired before the given time are deleted."""
        assert tokens.swap_count("key", None, counter(1))
        assert tokens.purge(counter(1).expires_at) == 0
        assert tokens.purge(counter(1).expires_at + timedelta(microseconds=1)) == 1
        assert tokens.count("key") is None
