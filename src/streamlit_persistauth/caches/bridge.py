"""Tasks that have the page call our routes."""

from collections.abc import Mapping

from streamlit_persistauth.caches.script_task import ScriptTask
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.web.browsers import issue_ticket
from streamlit_persistauth.web.route_paths import BROWSER_PATH


def post_to_route(url: str, body: Mapping[str, str], *, check: str = "") -> ScriptTask:
    """Return a task that sends a POST request with a JSON body, once.

    The browser gets the response; a run follows only if the browser has not kept the result.

    Args:
        url: The address of the route.
        body: The request body.
        check: The route that tells whether the browser has kept its cookie; empty for no check.
    """
    return ScriptTask("bridge", {"url": url, "body": dict(body), "check": check})


def change_browser(context: RequestContext) -> ScriptTask | None:
    """Return the task by which the page gets a new value for its browser's own cookie.

    Call it before the connection is bound to a new sign-in.

    Returns:
        None if there is no such cookie: in a plain app, and in a browser that keeps no cookies.
    """
    served = context.handshake.served
    ticket = issue_ticket(served) if served is not None else None
    if served is None or ticket is None:
        return None
    return post_to_route(served.base_path + BROWSER_PATH, {"ticket": ticket})
