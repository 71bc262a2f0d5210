"""What every store of counters has to do, as tests."""

from dataclasses import replace
from datetime import timedelta

import pytest

from streamlit_persistauth.core.storage.protocols import TokenStore
from streamlit_persistauth.core.storage.records import CounterRecord
from streamlit_persistauth.testing.races import at_once
from streamlit_persistauth.testing.rows import START


def counter(tries: int) -> CounterRecord:
    """A counter that says so many tries."""
    return CounterRecord(tries, START + timedelta(seconds=tries), START + timedelta(days=1))


class CounterSuite:
    """What `TokenStore` states of counters; a part of `TokenStoreSuite`."""

    @pytest.fixture
    def tokens(self) -> TokenStore:
        """An empty store: yours."""
        raise NotImplementedError

    def test_counter_swap(self, tokens: TokenStore) -> None:
        """A counter is made, changed and removed by whoever knows what it is now."""
        first, second = counter(1), counter(2)
        assert tokens.count("key") is None
        assert tokens.swap_count("key", None, first)
        assert tokens.count("key") == first
        assert tokens.swap_count("key", first, second)
        assert tokens.count("key") == second
        assert tokens.swap_count("key", second, None)
        assert tokens.count("key") is None

    def test_counter_swap_of_an_old_reading(self, tokens: TokenStore) -> None:
        """Who read a counter before somebody else changed it changes nothing."""
        first, second = counter(1), counter(2)
        assert not tokens.swap_count("key", first, second)
        assert tokens.swap_count("key", None, first)
        assert not tokens.swap_count("key", None, second)
        assert not tokens.swap_count("key", second, None)
        other_time = replace(first, allowed_at=START)
        assert not tokens.swap_count("key", other_time, second)
        assert tokens.count("key") == first

    def test_counter_swap_at_once(self, tokens: TokenStore) -> None:
        """Of twenty threads that change one counter, one succeeds: made new, and there before."""
        for old, new in ((None, counter(1)), (counter(1), counter(2))):

            def swap(old: CounterRecord | None = old, new: CounterRecord = new) -> bool:
                return tokens.swap_count("key", old, new)

            assert at_once(*[swap] * 20).count(True) == 1

    def test_counters_are_apart(self, tokens: TokenStore) -> None:
        """One counter's change is no other's."""
        assert tokens.swap_count("one", None, counter(1))
        assert tokens.swap_count("two", None, counter(2))
        assert tokens.count("one") == counter(1)

    def test_counter_purge(self, tokens: TokenStore) -> None:
        """Only counters that expired before the moment go."""
        assert tokens.swap_count("key", None, counter(1))
        assert tokens.purge(counter(1).expires_at) == 0
        assert tokens.purge(counter(1).expires_at + timedelta(microseconds=1)) == 1
        assert tokens.count("key") is None
