"""The connection of the current run, the state of its visitor, and the sign-in of both."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from streamlit_persistauth.request.handshake import Handshake
from streamlit_persistauth.request.visitor_state import Origin, VisitorState
from streamlit_persistauth.runtime.own_state import OwnState
from streamlit_persistauth.runtime.page_address import hide_titles
from streamlit_persistauth.runtime.script_run import (
    in_callback,
    in_script_thread,
    streamlit_session,
)
from streamlit_persistauth.runtime.state_keys import STATE_KEY
from streamlit_persistauth.runtime.streamlit_session import forget_page, forget_undrawn
from streamlit_persistauth.web.cookies import Cookies


@dataclass(frozen=True, slots=True)
class RequestContext:
    """The handshake and the visitor state of one run, and the sign-in that they stand for.

    Attributes:
        handshake: What the browser sent when it opened the connection.
        visitor: The state of the Streamlit session.
        browser: The secret that identifies the browser, if it has one.
    """

    handshake: Handshake
    visitor: VisitorState
    browser: str | None = field(repr=False)

    @classmethod
    def of(cls, handshake: Handshake, cookies: Cookies) -> "RequestContext":
        """Return the context of a handshake, with the present state of the Streamlit session."""
        return cls(handshake, VisitorState.current(cookies.name), handshake.browser(cookies))

    @property
    def origin(self) -> Origin:
        """The connection and the browser of this run."""
        return Origin.of(self.handshake.connection_id, self.browser)

    @property
    def bound(self) -> str | None:
        """The sign-in of this connection, or of this browser in this Streamlit session."""
        served = self.handshake.served
        if served is not None and served.session_id is not None:
            return served.session_id
        return self.visitor.session_on(self.handshake.connection_id, self.browser)

    @property
    def follows_end(self) -> bool:
        """Whether the Streamlit session replaces one whose sign-in was revoked or has expired."""
        return self.handshake.served is not None and self.handshake.served.follows_end

    def bind(self, session_id: str) -> None:
        """Let this connection stand for a sign-in; the middleware watches it from now on."""
        self.visitor.bind(self.handshake.connection_id, self.browser, session_id)
        if self.handshake.served is not None:
            self.handshake.served.bind(session_id, streamlit_session())

    def unbind(self) -> None:
        """Let this connection stand for no sign-in, because the user has signed out."""
        self.visitor.unbind()
        if self.handshake.served is not None:
            self.handshake.served.unbind(goes_on=not in_callback())

    def reject(self) -> None:
        """Forget a sign-in that is not valid.

        The connection stays bound to it. So the middleware knows that the page needs another
        Streamlit session.
        """
        self.visitor.unbind()

    def belong_to(self, user_id: str | None) -> None:
        """Set the user of this Streamlit session; wipe what another user has left there.

        A run may go on after it has signed out, if the app catches what that raises. Then the next
        run wipes what that run has registered.
        """
        served = self.handshake.served
        is_left = served is not None and served.left is not None and in_script_thread()
        if is_left or (self.visitor.owner is not None and self.visitor.owner != user_id):
            is_wiped = forget_page(kept=STATE_KEY)
            OwnState.begin_page()
            hide_titles()
            self._require(is_wiped)
        if served is not None and is_left:
            served.left = None
        self.visitor.owner = user_id

    def begin_as(self, user_id: str) -> None:
        """Set the user who signs in; drop what an earlier page has sent meanwhile."""
        self.belong_to(user_id)
        self._require(forget_undrawn())

    def _require(self, is_wiped: bool) -> None:  # noqa: FBT001 - the only argument
        """Give up the Streamlit session if it could not be wiped."""
        if self.handshake.served is not None and not is_wiped:
            self.handshake.served.spoil(streamlit_session())

    def changing(self) -> AbstractContextManager[object]:
        """Make the middleware hold the page's messages while a run replaces its sign-in."""
        served = self.handshake.served
        return nullcontext() if served is None else served.change()
