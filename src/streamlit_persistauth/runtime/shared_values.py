"""Let two runs of a Streamlit session use its values at the same time.

There is no public way to do this, so this module reaches inside Streamlit. It was checked with
versions 1.58 and 1.67.
"""

from collections.abc import Iterator

from streamlit.runtime.state.session_state import SessionState, WStates


class SharedWidgets(WStates):
    """Widget values that may change while another thread iterates over them."""

    __slots__ = ()

    def __iter__(self) -> Iterator[str]:
        return iter(list(self.states))


class SharedState(SessionState):
    """State that may change while another thread iterates over its keys."""

    __slots__ = ()

    def _keys(self) -> set[str]:
        copied = SessionState(
            _old_state=dict(self._old_state),
            _new_session_state=dict(self._new_session_state),
            _new_widget_state=self._new_widget_state,
            _key_id_mapper=self._key_id_mapper,
        )
        return set(copied)


def share_values(state: object) -> None:
    """Let a run use the values of its Streamlit session while another run changes them.

    When the page requests another run, Streamlit begins it on a second thread and relies on the
    first run to stop at its next call. The first one is not stopped while it prepares, or in an
    uninterrupted block. If both change values, an iteration fails, and the page shows an error of
    Streamlit. A second press of Enter is enough.

    Args:
        state: The `SessionState` of Streamlit. A later Streamlit may have other classes; then the
            state stays as it is.
    """
    if type(state) is not SessionState:
        return
    widgets = state._new_widget_state  # noqa: SLF001
    if type(widgets) is WStates:
        widgets.__class__ = SharedWidgets
        state.__class__ = SharedState
