"""What a browser's messages to Streamlit ask for."""

from typing import Final

from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

HARMLESS: Final = frozenset({"app_heartbeat", "stop_script"})
"""Run nothing of the app, and tell nothing of it."""
FOR_VISITORS: Final = HARMLESS | {"rerun_script", "file_urls_request", "set_run_on_save"}
"""Touch only the page that sends them."""
OPERATIONS_FOR_VISITORS: Final = frozenset({"deferred_file", "dataframe_chunk"})
"""The same, of the operations without a run. The ids of what they ask for are random."""

LONGEST_ADDRESS: Final = 16_384
"""What is kept of where a page is, in bytes."""


def parse(data: bytes) -> BackMsg | None:
    """Return a browser's message, or None: it is not one, and Streamlit refuses it."""
    try:
        asked: BackMsg = BackMsg.FromString(data)
    except DecodeError:
        return None
    return asked


def is_harmless(asked: BackMsg) -> bool:
    """Return whether a message runs no code of the app."""
    return asked.WhichOneof("type") in HARMLESS


def is_for_visitors(asked: BackMsg) -> bool:
    """Return whether a visitor who is not signed in may send a message.

    The other messages change what all visitors use, as `clear_cache` does, or tell of the server.
    """
    if asked.HasField("backend_operation_request"):
        return asked.backend_operation_request.WhichOneof("payload") in OPERATIONS_FOR_VISITORS
    return asked.WhichOneof("type") in FOR_VISITORS


def is_clean_run(asked: BackMsg) -> bool:
    """Return whether a message asks for a run of the whole page, which begins at its guard."""
    run = asked.rerun_script
    return asked.HasField("rerun_script") and not run.fragment_id and not run.widget_states.widgets


def is_by_timer(asked: BackMsg) -> bool:
    """Return whether a page sends a message by itself."""
    return bool(asked.rerun_script.is_auto_rerun)


def session_told(data: bytes) -> str | None:
    """Return the Streamlit session that Streamlit names at the start of a run."""
    try:
        told = ForwardMsg.FromString(data)
    except DecodeError:
        return None
    return told.new_session.initialize.session_id or None


class PageAddress:
    """Where the page of a browser is: its address, and what else `st.context` tells.

    It is kept for as long as the Streamlit session may come back, so a long one is not.
    """

    def __init__(self) -> None:
        """Begin at the main page."""
        self._run = BackMsg()
        self._run.rerun_script.SetInParent()

    def note(self, asked: BackMsg) -> None:
        """Remember where the page was when it sent a message."""
        if not asked.HasField("rerun_script"):
            return
        run = BackMsg()
        for name in ("query_string", "page_script_hash", "page_name"):
            setattr(run.rerun_script, name, getattr(asked.rerun_script, name))
        run.rerun_script.context_info.CopyFrom(asked.rerun_script.context_info)
        if run.ByteSize() <= LONGEST_ADDRESS:
            self._run = run

    def clean_run(self) -> bytes:
        """Return a message that asks for a run there: no widget, no trigger, no fragment."""
        return bytes(self._run.SerializeToString())
