"""A client that speaks Streamlit's protocol, and does what no browser would do."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from socket import create_connection
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

SECONDS = 20
EARLY = ForwardMsg.ScriptFinishedStatus.FINISHED_EARLY_FOR_RERUN
TEXTS = ("text", "markdown", "heading", "alert")


@dataclass
class Page:
    """What the server has sent for one run, or since.

    Attributes:
        texts: Texts, headings and alerts, in order.
        fields: Ids of text inputs by label.
        buttons: Ids of buttons by label.
        fragments: Ids of fragments, by which they can be asked for.
        files: Ids of files that are made when they are asked for, by the label of their button.
        raw: All messages, as bytes.
    """

    texts: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""

    def add(self, data: bytes, message: ForwardMsg) -> None:
        """Take in one message."""
        self.raw += data
        delta = message.delta
        if delta.fragment_id and delta.fragment_id not in self.fragments:
            self.fragments.append(delta.fragment_id)
        if message.HasField("delta") and delta.HasField("new_element"):
            self._add_element(delta.new_element)

    def _add_element(self, element: Element) -> None:
        kind = element.WhichOneof("type")
        if kind in TEXTS:
            self.texts.append(getattr(element, str(kind)).body)
        elif kind == "exception":
            self.texts.append(f"{element.exception.type}: {element.exception.message}")
        elif kind == "text_input":
            self.fields[element.text_input.label] = element.text_input.id
        elif kind == "button":
            self.buttons[element.button.label] = element.button.id
        elif kind == "download_button":
            button = element.download_button
            self.files[button.label] = button.deferred_file_id


class RawClient:
    """One connection to an app, over which a page is run."""

    def __init__(self, socket: ClientConnection) -> None:
        """Speak over an open WebSocket."""
        self._socket = socket
        self._typed: dict[str, WidgetState] = {}
        self.page = Page()
        self.session_id = ""
        self.page_hash = ""
        self.query = ""
        self.pages: dict[str, str] = {}

    def run(self, query: str = "", *, page: str = "", path: str = "") -> Page:
        """Run the whole script, as opening the page does: by its hash, or its path."""
        self._typed.clear()
        self.query = query
        message = rerun(query, page_hash=page)
        message.rerun_script.page_name = path
        self.send(message)
        return self.wait()

    def fill(self, label: str, text: str) -> "RawClient":
        """Type into a field of the last page."""
        state = WidgetState(id=self.page.fields[label], string_value=text)
        self._typed[state.id] = state
        return self

    def press(self, label: str) -> Page:
        """Press a button of the last page, and wait for what becomes of it."""
        self.send(self.pressed(self.page.buttons[label]))
        return self.wait()

    def pressed(self, button: str, *, fragment: str = "") -> BackMsg:
        """Return the message by which a button is pressed, in a fragment or not."""
        trigger = WidgetState(id=button, trigger_value=True)
        states = [*self._typed.values(), trigger]
        return rerun(self.query, states=states, fragment=fragment, page_hash=self.page_hash)

    def asked(self, fragment: str) -> BackMsg:
        """Return the message by which a fragment is asked for."""
        return rerun(self.query, fragment=fragment, page_hash=self.page_hash)

    def wanted(self, file: str) -> BackMsg:
        """Return the message by which a file is asked for that is made only then."""
        message = BackMsg()
        message.backend_operation_request.request_id = "1"
        message.backend_operation_request.session_id = self.session_id
        message.backend_operation_request.deferred_file.file_id = file
        return message

    def sign_in(self, email: str, password: str) -> Page:
        """Fill in the sign-in form and send it."""
        return self.fill("Email", email).fill("Password", password).press("Sign in")

    def send(self, message: BackMsg) -> None:
        """Send a message, whatever it is."""
        self._socket.send(message.SerializeToString())

    def wait(self, seconds: float = SECONDS) -> Page:
        """Take in messages until a run has ended; return what they show.

        Raises:
            TimeoutError: No run has ended so soon.
        """
        self.page = page = Page()
        while True:
            message = self._receive(page, seconds)
            if message.HasField("script_finished") and message.script_finished != EARLY:
                return page

    def wait_for(self, kind: str) -> None:
        """Take in messages until one of a kind has come."""
        while not self._receive(self.page, SECONDS).HasField(kind):  # type: ignore[arg-type]
            pass

    def _receive(self, page: Page, seconds: float) -> ForwardMsg:
        data = self._socket.recv(timeout=seconds)
        assert isinstance(data, bytes)
        message: ForwardMsg = ForwardMsg.FromString(data)
        page.add(data, message)
        self._learn(message)
        return message

    def _learn(self, message: ForwardMsg) -> None:
        """Remember what is to be sent back."""
        if message.HasField("new_session"):
            self.session_id = message.new_session.initialize.session_id or self.session_id
            self.page_hash = message.new_session.page_script_hash
        if message.HasField("navigation"):
            self.page_hash = message.navigation.page_script_hash
        for page in (*message.navigation.app_pages, *message.new_session.app_pages):
            name = page.page_name or page.url_pathname
            self.pages[name] = page.page_script_hash


def rerun(
    query: str = "",
    *,
    states: list[WidgetState] | None = None,
    fragment: str = "",
    page_hash: str = "",
) -> BackMsg:
    """Return the message that asks for a run."""
    message = BackMsg()
    message.rerun_script.query_string = query
    message.rerun_script.fragment_id = fragment
    message.rerun_script.page_script_hash = page_hash
    message.rerun_script.widget_states.widgets.extend(states or [])
    return message


@contextmanager
def opened(
    url: str,
    *,
    cookie: str = "",
    headers: Mapping[str, str] | None = None,
    session_id: str | None = None,
    source: str = "",
    host: str = "",
) -> Iterator[RawClient]:
    """Open a connection to an app.

    Args:
        url: The address of the app.
        cookie: The Cookie header of the handshake, as it is.
        headers: More headers.
        session_id: A Streamlit session to take over.
        source: The address of this machine to connect from; empty for any.
        host: The Host header; empty for that of the address.
    """
    with connected(
        url, cookie=cookie, headers=headers, session_id=session_id, source=source, host=host
    ) as socket:
        yield RawClient(socket)


def connected(
    url: str,
    *,
    cookie: str = "",
    headers: Mapping[str, str] | None = None,
    session_id: str | None = None,
    source: str = "",
    host: str = "",
) -> ClientConnection:
    """Return an open WebSocket to an app; the arguments are those of `opened`."""
    parts = urlsplit(url)
    address = f"ws://{host or parts.netloc}{parts.path.rstrip('/')}/_stcore/stream"
    offers = [Subprotocol(offer) for offer in ("streamlit", "x", session_id) if offer]
    start = (source, 0) if source else None
    return connect(
        address,
        sock=create_connection((parts.hostname, parts.port or 80), source_address=start),
        additional_headers={"Cookie": cookie, **(headers or {})},
        subprotocols=offers if session_id else None,
        max_size=None,
    )
