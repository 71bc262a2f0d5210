"""Where the keyboard goes when a form has something to say."""

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.runtime.hidden import class_of, hide
from streamlit_persistauth.runtime.page_scripts import run_script


def draw_focus(key: str, field_key: str, fault_key: str) -> None:
    """Have the page go to a field, and call it invalid where something is said against it.

    The place of the script is drawn in every run, so what stands below the form does not move.

    Args:
        key: Of the form.
        field_key: Of the field; empty to leave the keyboard where it is.
        fault_key: Of what is said, if anything is.
    """
    with hide(f"{key}:focus_script"):
        if not field_key:
            return
        id_ = new_id()
        run_script(
            "ui/focus.js",
            {"id": id_, "field": class_of(field_key), "fault": class_of(fault_key)},
            key=f"{key}:focus_{id_}",
        )
