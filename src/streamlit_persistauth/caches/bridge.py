"""The script in the page that calls our routes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.runtime.page_scripts import page_script
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.web.browsers import issue_ticket
from streamlit_persistauth.web.routes import BROWSER_PATH


@dataclass(frozen=True, slots=True)
class PostToRoute:
    """Have the page send a POST with a JSON body to one of our routes, once.

    The answer goes to the browser, not to the script. A run follows only where it was in vain.

    Attributes:
        url: Of the route.
        body: What it is told.
        check: The route that tells whether the browser has kept what it got; empty for none.
    """

    url: str
    body: Mapping[str, str] = field(repr=False)
    check: str = ""
    id: str = field(default_factory=new_id)

    @property
    def lasts(self) -> bool:
        """See `PageTask.lasts`."""
        return False

    def draw(self) -> bool:
        """See `PageTask.draw`."""
        result = page_script("caches/bridge.js")(
            data={"id": self.id, "url": self.url, "body": dict(self.body), "check": self.check},
            key=widget_key(f"persistauth:post:{self.id}"),
            on_lost_change=_do_nothing,
        )
        return getattr(result, "lost", None) == self.id


def change_browser(context: RequestContext) -> PostToRoute | None:
    """Return the task by which the page gets a new value for its browser's own cookie.

    Call it before the connection is bound to a new sign-in.

    Returns:
        None if there is no such cookie: in a plain app, and in a browser that keeps no cookies.
    """
    served = context.handshake.served
    ticket = issue_ticket(served) if served is not None else None
    if served is None or ticket is None:
        return None
    return PostToRoute(served.base_path + BROWSER_PATH, {"ticket": ticket})


def _do_nothing() -> None:
    """Let Streamlit know that something may come."""
