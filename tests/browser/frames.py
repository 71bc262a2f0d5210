"""Everything that goes over a page's WebSockets."""

from playwright.sync_api import Page, WebSocket


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

    def _follow(self, socket: WebSocket) -> None:
        socket.on("framesent", self._keep)
        socket.on("framereceived", self._keep)

    def _keep(self, frame: bytes | str) -> None:
        self._frames.append(frame.encode() if isinstance(frame, str) else frame)
