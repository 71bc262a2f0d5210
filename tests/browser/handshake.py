"""A first visit with a Cookie header that no browser would send."""

from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

SECONDS = 15


def first_page(url: str, cookie: str, session_id: str | None = None) -> bytes:
    """Visit an app over its WebSocket and return all that its first run sent.

    Args:
        url: The address of the app.
        cookie: The Cookie header of the handshake, as it is.
        session_id: A Streamlit session to take over.

    Returns:
        The messages, one after the other; texts stand in them as UTF-8.
    """
    address = f"ws://{urlsplit(url).netloc}/_stcore/stream"
    hello = BackMsg()
    hello.rerun_script.query_string = ""
    messages: list[bytes] = []
    offers = [Subprotocol(offer) for offer in ("streamlit", "x", session_id) if offer]
    with connect(
        address,
        additional_headers={"Cookie": cookie},
        subprotocols=offers if session_id else None,
    ) as socket:
        socket.send(hello.SerializeToString())
        while not messages or not _is_the_last(messages[-1]):
            message = socket.recv(timeout=SECONDS)
            messages.append(message if isinstance(message, bytes) else message.encode())
    return b"".join(messages)


def _is_the_last(message: bytes) -> bool:
    return bool(ForwardMsg.FromString(message).HasField("script_finished"))
