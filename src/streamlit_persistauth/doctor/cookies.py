"""Checks of the browser cookie and the other caches."""

import ast
from collections.abc import Iterator
from typing import Final

from streamlit_persistauth.doctor.deployment import Deployment, argument, text_of
from streamlit_persistauth.doctor.finding import Finding, note, warning
from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.wiring.plain_app import without_effect

_SERVE: Final = (
    "Serve the app through st.App: `app = st.App(__file__, routes=auth.routes(), "
    "middleware=auth.middleware())`."
)


def check_cookie_mode(deployment: Deployment) -> Iterator[Finding]:
    """Report a plain app, and an `st.App` without the routes or the middleware."""
    app = deployment.app
    if app is None or not app.authenticators:
        return
    place = app.place(app.main, app.served)
    if app.served is None:
        yield note(
            "cookie-plain",
            "This is a plain app: a script in the page writes the cookie, so other scripts in the "
            "page can read it, and an open page notices a revocation only at its next run.",
            _SERVE,
            place,
        )
    elif not deployment.is_served:
        missing = "middleware" if app.has_routes else "routes" if app.is_gated else ""
        yield warning(
            "served-incomplete",
            f"st.App is used without auth.{missing}()."
            if missing
            else "st.App is used without auth.routes() and auth.middleware().",
            _SERVE,
            place,
        )


def check_cookie_name(deployment: Deployment) -> Iterator[Finding]:
    """Report the default name, which other apps on the host may use too."""
    field = AuthSettings.model_fields["cookie_name"]
    if deployment.settings.cookie_name == field.default:
        yield note(
            "cookie-name-default",
            "The cookie has the default name. All ports of a host share cookies, so signing in to "
            "another app on this host with the same name replaces the sign-in to this one.",
            "Set PERSISTAUTH_COOKIE_NAME if there are other apps on the host.",
        )


def check_caches(deployment: Deployment) -> Iterator[Finding]:
    """Find caches that others can read."""
    names = _cache_names(argument(deployment.app, None, "cache"))
    if "query_param" in names:
        yield warning(
            "cache-query-param",
            'cache="query_param" puts a URL token into the address: anyone who opens a copied '
            "address first is signed in (ASVS 14.2.1).",
            'Use cache="cookie", unless the browser can store nothing.',
        )
    if "local_storage" in names:
        yield note(
            "cache-local-storage",
            'Every script in the page can read cache="local_storage", also under st.App.',
            'Use cache="cookie", unless cookies are blocked.',
        )
    if "cookies_controller" in names and not deployment.is_served:
        yield warning(
            "cache-cookies-controller",
            "A plain app sends no header that keeps other sites from showing the frame of "
            'cache="cookies_controller", which can write the cookie.',
            'Use cache="cookie" or st.App, or have the proxy send the header '
            "Content-Security-Policy: frame-ancestors 'self'.",
        )


def check_frames(deployment: Deployment) -> Iterator[Finding]:
    """Find settings for frames, headers and files that have no effect."""
    settings, app = deployment.settings, deployment.app
    if app is None:
        return
    if deployment.is_served:
        if settings.embedded and settings.frame_ancestors == "'self'":
            yield warning(
                "frames-unnamed",
                "PERSISTAUTH_EMBEDDED is on, but no other site is allowed to embed the app.",
                "Name the sites in PERSISTAUTH_FRAME_ANCESTORS.",
            )
        if not settings.csp:
            yield note(
                "csp-missing",
                "No Content-Security-Policy restricts the scripts of pages, so one that an "
                "attacker gets into a page runs (ASVS 3.4.3).",
                "Set PERSISTAUTH_CSP=strict, and try the app in a browser.",
            )
        return
    for name in without_effect(settings):
        yield warning("setting-without-effect", f"{name} has no effect in a plain app.", _SERVE)


def _cache_names(node: ast.expr | None) -> set[str]:
    items = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    return {name for item in items if (name := text_of(item)) is not None}
