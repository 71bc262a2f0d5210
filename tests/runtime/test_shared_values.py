"""Values of a Streamlit session that two runs use at the same time."""

from streamlit.runtime.state import SessionState
from tests.support import scripts
from tests.support.page import Page

from streamlit_persistauth.runtime.shared_values import share_values


def test_widgets() -> None:
    """A run that iterates over widgets goes on if another run draws or forgets one."""
    state = SessionState()
    share_values(state)
    widgets = state._new_widget_state
    widgets.set_from_value("one", 1)
    widgets.set_from_value("two", 2)
    reading = iter(widgets)
    assert next(reading) == "one"
    widgets.set_from_value("three", 3)
    del widgets["one"]
    assert list(reading) == ["two"]
    assert list(widgets) == ["two", "three"]


def test_keys() -> None:
    """A run that lists the keys goes on if another run adds one."""
    state = SessionState(_old_state={"old": 1}, _new_session_state={"new": 2})
    share_values(state)

    class Mapper(type(state._key_id_mapper)):  # type: ignore[misc]
        def get_id_from_key(self, key: str, default: str) -> str:
            state._old_state[f"later {len(state._old_state)}"] = 3
            state._new_session_state[f"later {len(state._old_state)}"] = 3
            return default

    state._key_id_mapper = Mapper()
    assert set(state) == {"old", "new"}


def test_other_state() -> None:
    """What is not Streamlit's state, or is shared already, stays as it is."""
    share_values(None)
    state = SessionState()
    share_values(state)
    kind = type(state)
    share_values(state)
    assert type(state) is kind is not SessionState


def test_uninterrupted() -> None:
    """A block that is not interrupted shares the values of its Streamlit session."""
    page = Page(scripts.sharing)
    assert page.exceptions == []
    assert page.texts == ["SharedState"]
