"""Records of the owners of Streamlit sessions."""

from types import SimpleNamespace

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from streamlit_persistauth.runtime.streamlit_session import may_exist
from streamlit_persistauth.web import owners as module
from streamlit_persistauth.web.messages import LONGEST_ADDRESS, PageAddress
from streamlit_persistauth.web.owners import KEPT_SECONDS, MAX_RECORDS, Owner, Owners

ADA = Owner("ada", "a-browser")


@pytest.fixture
def existing(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The Streamlit sessions that Streamlit has."""
    names: set[str] = set()
    monkeypatch.setattr(module, "may_exist", lambda name: name in names)
    return names


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time in seconds."""
    now = [0.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    return now


def test_full(existing: set[str]) -> None:
    """The oldest record of a Streamlit session that no longer exists makes room."""
    few = Owners(limit=3)
    existing.update("ac")
    for name in "abcd":
        few.put(name, ADA)
    assert [name for name in "abcd" if few.get(name)] == ["a", "c", "d"]
    assert few.is_complete


def test_full_of_existing_ones(existing: set[str]) -> None:
    """If all of them exist, the oldest is dropped, and `is_complete` is False."""
    few = Owners(limit=2)
    existing.update("abc")
    for name in "abc":
        few.put(name, ADA)
    assert [name for name in "abc" if few.get(name)] == ["b", "c"]
    assert not few.is_complete


def test_full_of_dead_ones(existing: set[str]) -> None:
    """A dead one is kept while the Streamlit session that its page has now exists."""
    few = Owners(limit=2)
    for name in "ab":
        few.put(name, ADA)
        few.bury(name)
    few.replace("a", "present")
    existing.add("present")
    few.put("c", ADA)
    assert few.living("a") == "present"
    assert few.former("a") == ADA
    assert few.former("b") is None
    assert len(few) == 2


def test_old(existing: set[str], clock: list[float]) -> None:
    """A record is dropped a day after its last run, unless its Streamlit session exists."""
    every = Owners()
    existing.add("open")
    for name in ("open", "gone", "dead"):
        every.put(name, ADA)
    every.bury("dead")
    clock[0] = KEPT_SECONDS - 1
    every.put("used", ADA)
    assert len(every) == 4
    clock[0] = KEPT_SECONDS
    every.put("new", ADA)
    assert [name for name in ("open", "gone", "used", "new") if every.get(name)] == [
        "open",
        "used",
        "new",
    ]
    assert len(every) == 3
    assert every.is_complete


def test_dead_stays_dead() -> None:
    """A run that goes on after the end does not revive its Streamlit session."""
    every = Owners()
    every.put("a", ADA)
    every.bury("a")
    every.put("a", Owner("bob", None))
    assert every.get("a") is None
    assert every.living("a") is None


def test_bytes() -> None:
    """The addresses of all records together take less than is documented."""
    page, run = PageAddress(), BackMsg()
    run.rerun_script.query_string = "q" * (LONGEST_ADDRESS - 100)
    page.note(run)
    assert LONGEST_ADDRESS - 100 < len(page.clean_run()) <= LONGEST_ADDRESS
    assert MAX_RECORDS * (LONGEST_ADDRESS + 1_000) < 95_000_000


def test_whether_it_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Streamlit session may exist unless Streamlit can tell that it does not."""
    assert may_exist("without a server")
    manager = SimpleNamespace(get_session_info={"known": object()}.get)
    for server, expected in ((SimpleNamespace(_session_mgr=manager), False), (object(), True)):
        monkeypatch.setattr("streamlit.runtime.get_instance", lambda it=server: it)
        assert may_exist("known")
        assert may_exist("unknown") is expected
    assert not may_exist(None)
