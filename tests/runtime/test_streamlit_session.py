"""Changes to a Streamlit session, also where Streamlit looks different inside."""

from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
import streamlit as st
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.state import SafeSessionState, SessionState

from streamlit_persistauth.runtime import streamlit_session
from streamlit_persistauth.runtime.state_keys import STATE_KEY
from streamlit_persistauth.runtime.streamlit_session import (
    close_streamlit_session,
    forget_page,
    forget_undrawn,
    max_message_bytes,
)


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - of Streamlit's
    """The parts of a run that are wiped, without a server around it."""
    state = SessionState()
    state[STATE_KEY], state["dropped"] = 1, "text"
    fragments = MemoryFragmentStorage()
    fragments.register("fragment", lambda: None)
    made = SimpleNamespace(
        session_id="s",
        fragment_storage=fragments,
        session_state=SafeSessionState(state, lambda: None),
    )
    monkeypatch.setattr(streamlit_session, "get_script_run_ctx", lambda **_: made)
    return made


@pytest.mark.parametrize("fault", [AttributeError, RuntimeError, KeyError, TypeError])
def test_not_wiped_completely(
    context: Any,  # noqa: ANN401 - of Streamlit's
    monkeypatch: pytest.MonkeyPatch,
    fault: type[Exception],
) -> None:
    """The present state is dropped, and the return value says that more may follow."""

    def fail() -> NoReturn:
        raise fault

    monkeypatch.setattr("streamlit.runtime.get_instance", fail)
    assert not forget_page(kept=STATE_KEY)
    assert not context.session_state.filtered_state
    assert context.session_state[STATE_KEY] == 1
    assert not context.fragment_storage.contains("fragment")


def test_without_a_run() -> None:
    """Outside a run, there is nothing to wipe."""
    assert forget_page(kept=STATE_KEY)
    assert forget_undrawn()


def test_value_of_a_widget_that_is_not_drawn(context: Any) -> None:  # noqa: ANN401 - of Streamlit's
    """A value for a widget that this Streamlit session has not drawn is dropped."""
    values = context.session_state._state._new_widget_state
    values.set_widget_from_proto(WidgetState(id="$$ID-0-None", trigger_value=True))
    values.set_from_value("$$ID-1-None", "typed")
    values.widget_metadata["$$ID-1-None"] = SimpleNamespace(id="$$ID-1-None")
    assert forget_undrawn()
    assert list(values) == ["$$ID-1-None"]
    context.session_state._state._new_widget_state = None
    assert not forget_undrawn()


def test_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is Streamlit's option, or its default in versions without the option."""
    monkeypatch.setattr(st, "get_option", {"server.maxWidgetStateSize": 3}.get)
    assert max_message_bytes() == 3_000_000

    def unknown(name: str) -> NoReturn:
        raise RuntimeError(name)

    monkeypatch.setattr(st, "get_option", unknown)
    assert max_message_bytes() == 25_000_000


def test_without_a_server() -> None:
    """Before the server has started, nothing is closed."""
    close_streamlit_session("s")
