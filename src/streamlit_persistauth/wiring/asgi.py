"""The routes and the middleware that `st.App` takes."""

from importlib import import_module
from typing import Any, Final

from starlette.middleware import Middleware
from starlette.routing import Route

from streamlit_persistauth.core.clock import steady_now
from streamlit_persistauth.runtime.gc_pauses import freeze_program
from streamlit_persistauth.runtime.index_page import inline_script_hashes
from streamlit_persistauth.runtime.script_run import base_path
from streamlit_persistauth.web.csp import with_frame_ancestors, written_out
from streamlit_persistauth.web.files import FileMiddleware
from streamlit_persistauth.web.headers import HeaderMiddleware
from streamlit_persistauth.web.health import HealthRoute
from streamlit_persistauth.web.middleware import AuthMiddleware
from streamlit_persistauth.web.request_users import RequestUsers
from streamlit_persistauth.web.routes import CookieRoutes
from streamlit_persistauth.wiring.services import Services

_LOADED_BY_RUNS: Final = ("email_validator", "jwt")
"""The libraries that are imported at their first use."""


def request_users(services: Services) -> RequestUsers:
    """Return what finds the user of a request by the cookie of the app."""
    return RequestUsers(
        services.sessions,
        services.cookies,
        services.events,
        trusted_proxies=services.settings.trusted_proxies,
    )


def routes(services: Services) -> list[Route]:
    """Return the routes of the cookies and of the health check."""
    cookie = CookieRoutes(services.sessions, services.cookies, clock=services.clock)
    health = HealthRoute(
        services.purge.is_reachable,
        is_skewed=lambda: services.shared_clock.is_skewed,
        clock=steady_now,
    )
    return [*cookie.routes(base_path()), *health.routes(base_path())]


def middleware(services: Services) -> list[Middleware]:
    """Return the middleware, the outermost first."""
    for name in _LOADED_BY_RUNS:
        import_module(name)
    freeze_program()
    settings = services.settings
    shared: dict[str, Any] = {
        "cookies": services.cookies,
        "base_path": base_path(),
        "sessions": services.sessions,
    }
    inline_scripts = inline_script_hashes()
    headers = Middleware(
        HeaderMiddleware,
        policy=with_frame_ancestors(
            written_out(settings.csp, inline_scripts), settings.frame_ancestors
        ),
        report_only=written_out(settings.csp_report_only, inline_scripts),
    )
    files = [Middleware(FileMiddleware, **shared)] if settings.protect_files else []
    auth = Middleware(
        AuthMiddleware,
        renewal=settings.renewal,
        identity=services.identity,
        clock=services.clock,
        **shared,
    )
    return [headers, *files, auth]
