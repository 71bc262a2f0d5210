"""Who calls: the connection of the current run, and what its Streamlit session remembers."""

from dataclasses import dataclass

from streamlit_persistauth.handshake import Handshake
from streamlit_persistauth.page_address import hide_titles
from streamlit_persistauth.run import forget_page, streamlit_session
from streamlit_persistauth.visit import Visit
from streamlit_persistauth.web.cookies import Cookies


@dataclass(frozen=True, slots=True)
class Caller:
    """The handshake and the visit of one run, and which sign-in they stand for.

    Attributes:
        handshake: What the browser sent when it opened the connection.
        visit: The state of the Streamlit session.
        browser: The secret by which the browser is known again, if it has one.
    """

    handshake: Handshake
    visit: Visit
    browser: str | None

    @classmethod
    def of(cls, handshake: Handshake, cookies: Cookies) -> "Caller":
        """Return who called with this handshake, in the present state of the Streamlit session."""
        return cls(handshake, Visit.current(cookies.name), handshake.browser(cookies))

    @property
    def bound(self) -> str | None:
        """The sign-in that was proven on this connection, or from this browser here."""
        served = self.handshake.served
        if served is not None and served.session_id is not None:
            return served.session_id
        return self.visit.session_on(self.handshake.connection_id, self.browser)

    def bind(self, session_id: str) -> None:
        """Let this connection stand for a sign-in; the middleware watches over it from now on."""
        self.visit.bind(self.handshake.connection_id, self.browser, session_id)
        if self.handshake.served is not None:
            self.handshake.served.bind(session_id, streamlit_session())

    def unbind(self) -> None:
        """Let this connection stand for nobody."""
        self.visit.unbind()
        if self.handshake.served is not None:
            self.handshake.served.unbind()

    def belong_to(self, user_id: str | None) -> None:
        """Keep what one user leaves in this Streamlit session from the next one."""
        if self.visit.owner is not None and self.visit.owner != user_id:
            forget_page(kept=Visit)
            hide_titles()
        self.visit.owner = user_id
