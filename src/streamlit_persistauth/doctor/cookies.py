"""How a browser keeps its sign-in in this deployment, and what that costs."""

import ast
from collections.abc import Iterator
from typing import Final

from streamlit_persistauth.doctor.deployment import Deployment, argument, text_of
from streamlit_persistauth.doctor.finding import Finding, note, warning
from streamlit_persistauth.settings import AuthSettings

_SERVE: Final = (
    "Serve it through st.App: `app = st.App(__file__, routes=auth.routes(), "
    "middleware=auth.middleware())`."
)
_NEED_SERVING: Final = {
    "protect_files": False,
    "csp_report_only": "",
    "frame_ancestors": "'self'",
}
"""Settings that do nothing in a plain app, and their defaults."""


def check_cookie_mode(deployment: Deployment) -> Iterator[Finding]:
    """Say which way the cookie takes, and find half an st.App."""
    app = deployment.app
    if app is None or not app.authenticators:
        return
    place = app.place(app.main, app.served)
    if app.served is None:
        yield note(
            "cookie-plain",
            "A plain app: a script in the page writes the cookie, so other scripts in it could "
            "read it; and an idle page learns only at its next run that its sign-in has ended.",
            _SERVE,
            place,
        )
    elif not deployment.is_served:
        missing = "middleware" if app.has_routes else "routes" if app.is_gated else ""
        yield warning(
            "served-incomplete",
            f"st.App is there, but not auth.{missing}()."
            if missing
            else "st.App is there, but neither auth.routes() nor auth.middleware().",
            _SERVE,
            place,
        )


def check_cookie_name(deployment: Deployment) -> Iterator[Finding]:
    """Say what an app with the default name shares with others on its host."""
    field = AuthSettings.model_fields["cookie_name"]
    if deployment.settings.cookie_name == field.default:
        yield note(
            "cookie-name-default",
            "The cookie has its default name, and apps on one host share cookies on every port: "
            "signing in at another one with this name replaces the sign-in here.",
            "Set PERSISTAUTH_COOKIE_NAME, where other apps are on the same host.",
        )


def check_caches(deployment: Deployment) -> Iterator[Finding]:
    """Find places for a credential that others can read."""
    names = _cache_names(argument(deployment.app, None, "cache"))
    if "query_param" in names:
        yield warning(
            "cache-query-param",
            'cache="query_param" puts a handle into the address: whoever opens a copied address '
            "first is signed in (ASVS 14.2.1).",
            'Use cache="cookie", unless a browser can keep nothing.',
        )
    if "local_storage" in names:
        yield note(
            "cache-local-storage",
            'cache="local_storage" can be read by every script in the page, also under st.App.',
            'Use cache="cookie", unless cookies are blocked.',
        )


def check_frames(deployment: Deployment) -> Iterator[Finding]:
    """Find settings for frames and headers that have no effect."""
    settings, app = deployment.settings, deployment.app
    if app is None:
        return
    if deployment.is_served:
        if settings.embedded and settings.frame_ancestors == "'self'":
            yield warning(
                "frames-unnamed",
                "PERSISTAUTH_EMBEDDED is on, but no other site may show the app in a frame.",
                "Name the sites in PERSISTAUTH_FRAME_ANCESTORS.",
            )
        return
    for field, default in _NEED_SERVING.items():
        if getattr(settings, field) != default:
            yield warning(
                "setting-without-effect",
                f"PERSISTAUTH_{field.upper()} does nothing in a plain app.",
                _SERVE,
            )


def _cache_names(node: ast.expr | None) -> set[str]:
    items = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    return {name for item in items if (name := text_of(item)) is not None}
