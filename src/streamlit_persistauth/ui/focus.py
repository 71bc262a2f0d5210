"""The keyboard focus after a form was submitted or opened."""

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.runtime.hidden_elements import class_of, hide
from streamlit_persistauth.runtime.page_scripts import run_script


def draw_focus(key: str, target: str, fault_key: str = "") -> None:
    """Focus an element, and mark it as invalid if the form shows an error for it.

    The container of the script is drawn in every run, so elements below the form keep their place.

    Args:
        key: The key of the form or dialog.
        target: The CSS selector of the element; empty to leave the focus where it is.
        fault_key: The key of the container that shows the error; empty if there is none.
    """
    with hide(f"{key}:focus_script"):
        if not target:
            return
        id_ = new_id()
        run_script(
            "focus",
            {"id": id_, "target": target, "fault": class_of(fault_key)},
            key=f"{key}:focus_{id_}",
        )
