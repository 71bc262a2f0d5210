"""What a browser's messages to Streamlit request."""

from typing import Final

from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

HARMLESS: Final = frozenset({"app_heartbeat", "stop_script"})
"""Run no code of the app, and return nothing of it."""
FOR_VISITORS: Final = HARMLESS | {"rerun_script", "file_urls_request", "set_run_on_save"}
"""Touch only the page that sends them."""
OPERATIONS_FOR_VISITORS: Final = frozenset({"deferred_file", "dataframe_chunk"})
"""The same, among the operations without a run. They name files and tables by random ids."""

LONGEST_ADDRESS: Final = 8_192
"""The longest address of a page that is kept, in bytes."""


def parse(data: bytes) -> BackMsg | None:
    """Return a browser's message, or None if it is malformed; Streamlit refuses it then."""
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

    The other messages change what all visitors use, as `clear_cache` does, or describe the server.
    """
    if asked.HasField("backend_operation_request"):
        return asked.backend_operation_request.WhichOneof("payload") in OPERATIONS_FOR_VISITORS
    return asked.WhichOneof("type") in FOR_VISITORS


def is_clean_run(asked: BackMsg) -> bool:
    """Return whether a message requests a run of the whole page, which begins at its guard."""
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
    """The address of a browser's page, and the rest of what `st.context` returns.

    It is kept for as long as a page may reconnect. A page with a longer address than
    `LONGEST_ADDRESS` keeps the one before.
    """

    __slots__ = ("_run",)

    def __init__(self) -> None:
        run = BackMsg()
        run.rerun_script.SetInParent()
        self._run: bytes = run.SerializeToString()

    def note(self, asked: BackMsg) -> None:
        """Remember where the page was when it sent a message."""
        if not asked.HasField("rerun_script"):
            return
        run = BackMsg()
        for name in ("query_string", "page_script_hash", "page_name"):
            setattr(run.rerun_script, name, getattr(asked.rerun_script, name))
        run.rerun_script.context_info.CopyFrom(asked.rerun_script.context_info)
        if run.ByteSize() <= LONGEST_ADDRESS:
            self._run = run.SerializeToString()

    def clean_run(self) -> bytes:
        """Return a message that requests a run there: no widget, no trigger, no fragment."""
        return self._run
