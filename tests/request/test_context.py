"""The context of a run, as a log or an error tracker may show it."""

from streamlit_persistauth.models import Client
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.handshake import Handshake
from streamlit_persistauth.request.visitor_state import Origin, VisitorState
from streamlit_persistauth.web.connections import Connection

SECRET = "a-secret-of-the-browser"


def test_repr() -> None:
    """No repr shows a connection's id or a browser's cookie, each of which is a secret."""
    connection = Connection(SECRET, "", browser=SECRET)
    handshake = Handshake(SECRET, connection, SECRET, secure=True, client=Client())
    visitor = VisitorState(connection_id=SECRET, browser=SECRET)
    context = RequestContext(handshake, visitor, SECRET)
    assert SECRET not in repr([context, Origin(SECRET, SECRET)])
