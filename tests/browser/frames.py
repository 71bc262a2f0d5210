"""Everything that goes over a page's WebSockets."""

from contextlib import suppress

from google.protobuf.message import DecodeError
from playwright.sync_api import Page, WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


class Frames:
    """Records the frames of a page in both directions."""

    def __init__(self, page: Page) -> None:
        """Record from now on, over reloads too."""
        self._frames: list[bytes] = []
        page.on("websocket", self._follow)

    def __len__(self) -> int:
        """Count the frames so far."""
        return len(self._frames)

    def contain(self, text: str) -> bool:
        """Tell whether a text went over a WebSocket."""
        return any(text.encode() in frame for frame in self._frames)

    def runs(self) -> int:
        """Count the script runs so far, those of fragments too."""
        return sum(_begins_run(frame) for frame in self._frames)

    def session_id(self) -> str:
        """Return the id of the newest Streamlit session."""
        ids = [_session_id(frame) for frame in self._frames]
        return [found for found in ids if found][-1]

    def _follow(self, socket: WebSocket) -> None:
        socket.on("framesent", self._keep)
        socket.on("framereceived", self._keep)

    def _keep(self, frame: bytes | str) -> None:
        self._frames.append(frame.encode() if isinstance(frame, str) else frame)


def _session_id(frame: bytes) -> str:
    return str(_message(frame).new_session.initialize.session_id)


def _begins_run(frame: bytes) -> bool:
    return bool(_message(frame).HasField("new_session"))


def _message(frame: bytes) -> ForwardMsg:
    message = ForwardMsg()
    with suppress(DecodeError):
        message.ParseFromString(frame)
    return message
