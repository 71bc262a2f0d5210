"""The check for apps that use the key under which the library shows the user."""

import pytest
from tests.doctor.conftest import HEAD, Examine, faults

TAKEN = {
    "attribute": "st.session_state.user = {'id': 7}",
    "item": "st.session_state['user'] = name",
    "annotated": "st.session_state.user: dict = {}",
    "default": "st.session_state.setdefault('user', {})",
    "field": "st.text_input('Customer', key='user')",
    "field in a column": "st.columns(2)[1].selectbox('Customer', [1], key='user')",
}
FREE = {
    "read": "print(st.session_state.user, st.session_state.get('user'))",
    "none": "st.session_state.user = None\nst.session_state.setdefault('user', None)",
    "another": "st.session_state.customer = 1\nst.text_input('Customer', key='customer')",
    "container": "st.container(key='user')",
    "not Streamlit's": "table.read(key='user')",
    "ours": "auth.logout_button(key='user')",
}


@pytest.mark.parametrize("line", TAKEN.values(), ids=TAKEN)
def test_taken(look: Examine, line: str) -> None:
    """A value or a widget under the key is found, unless the key is changed or None."""
    source = f"name = 'x'\nauth.guard()\n{line}\n"
    assert faults(look(source)) == ["user-key-taken"]
    for key in ("None", "'who'"):
        made = f"auth = Authenticator(session_state_key={key})"
        assert faults(look(app=HEAD.replace("auth = Authenticator()", made) + source)) == []


@pytest.mark.parametrize("line", FREE.values(), ids=FREE)
def test_free(look: Examine, line: str) -> None:
    """Reading the key, setting it to None, and other keys are accepted."""
    assert faults(look(f"auth.guard()\n{line}\n")) == []
