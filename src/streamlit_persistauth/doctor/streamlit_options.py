"""Streamlit's own options that matter to accounts."""

from collections.abc import Iterator
from typing import Final

from streamlit_persistauth.doctor.deployment import Deployment
from streamlit_persistauth.doctor.finding import Finding, note, warning

OPTIONS: Final = {
    "xsrf": "server.enableXsrfProtection",
    "cors": "server.enableCORS",
    "origins": "server.corsAllowedOrigins",
    "agents": "server.enableAgentApi",
    "trusted_headers": "server.trustedUserHeaders",
    "session_ttl": "server.disconnectedSessionTTL",
    "static": "server.enableStaticServing",
    "tls": "server.sslCertFile",
}
SESSION_SECONDS: Final = 120
"""Streamlit's default."""


def check_options(deployment: Deployment) -> Iterator[Finding]:
    """Find options that open what Streamlit keeps closed."""
    options = deployment.options
    if options["xsrf"] is False:
        yield warning(
            "xsrf-off",
            "server.enableXsrfProtection is off: other sites can have files uploaded, and a plain "
            "app doesn't know a browser again after a short loss of its connection.",
            "Leave it on.",
        )
    if options["cors"] is False or "*" in (options["origins"] or ()):
        yield warning(
            "cors-off",
            "Streamlit accepts WebSockets from pages of any origin: they can use the app as the "
            "one who is signed in.",
            "Leave server.enableCORS on, and name sites in server.corsAllowedOrigins.",
        )
    if options["agents"]:
        yield note(
            "agent-api-on",
            "server.enableAgentApi is on: programs can drive the app. They meet the same guards, "
            "and all of them share the tries of one address.",
            "Turn it off if nobody uses it.",
        )
    if options["trusted_headers"]:
        yield warning(
            "trusted-headers",
            "server.trustedUserHeaders fills st.user from headers, which anybody can send who "
            "reaches the app around the proxy. No guard of ours believes it.",
            "Don't ask st.user who is there, and let only the proxy reach the app.",
        )
    ttl = options["session_ttl"]
    if isinstance(ttl, int) and ttl > SESSION_SECONDS and not deployment.is_served:
        yield warning(
            "session-ttl-long",
            f"server.disconnectedSessionTTL is {ttl} seconds: so long a Streamlit session can be "
            "taken over by whoever knows its id.",
            f"Leave it at {SESSION_SECONDS}, or serve the app through st.App with "
            "auth.middleware().",
        )
    if options["static"] and not deployment.settings.protect_files:
        yield note(
            "static-open",
            "server.enableStaticServing is on: what is in `static/` is for everybody.",
            "Keep nothing private there, or set PERSISTAUTH_PROTECT_FILES=on under st.App.",
        )
