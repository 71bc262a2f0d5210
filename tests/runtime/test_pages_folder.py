"""The folder `pages/`, which Streamlit serves by itself."""

from streamlit_persistauth.runtime.pages_folder import run_entry_script_first


def test_without_a_server() -> None:
    """Before the server has started, nothing is decided."""
    assert not run_entry_script_first()
