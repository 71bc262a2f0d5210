"""Checks of Streamlit's options."""

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
    "browser_address": "browser.serverAddress",
}
SESSION_SECONDS: Final = 120
"""Streamlit's default for `server.disconnectedSessionTTL`."""


def check_options(deployment: Deployment) -> Iterator[Finding]:
    """Find options that weaken the security of Streamlit."""
    options = deployment.options
    if options["xsrf"] is False:
        yield warning(
            "xsrf-off",
            "server.enableXsrfProtection is off: other sites can upload files, and a plain app "
            "does not recognise a browser after it briefly loses its connection.",
            "Turn it on.",
        )
    if options["cors"] is False or "*" in (options["origins"] or ()):
        yield warning(
            "cors-off",
            "Streamlit accepts WebSockets from pages of any origin, which can then use the app as "
            "the signed-in user.",
            "Turn server.enableCORS on, and list the allowed sites in server.corsAllowedOrigins.",
        )
    if options["agents"]:
        yield note(
            "agent-api-on",
            "server.enableAgentApi is on: programs can control the app. The same guards apply, and "
            "all of them share the limits on attempts of one network.",
            "Turn it off if it is not used.",
        )
    if options["trusted_headers"]:
        yield warning(
            "trusted-headers",
            "server.trustedUserHeaders fills st.user from headers, which anyone who bypasses the "
            "proxy can forge. The guards of the library do not read st.user.",
            "Do not use st.user for access control, and let only the proxy reach the app.",
        )
    ttl = options["session_ttl"]
    if isinstance(ttl, int) and ttl > SESSION_SECONDS and not deployment.is_served:
        yield warning(
            "session-ttl-long",
            f"server.disconnectedSessionTTL is {ttl} seconds. For this time after a disconnect, an "
            "attacker who knows the id of a Streamlit session can take it over.",
            f"Leave it at {SESSION_SECONDS}, or serve the app through st.App with "
            "auth.middleware().",
        )
    if options["static"] and not deployment.settings.protect_files:
        yield note(
            "static-open",
            "server.enableStaticServing is on: the files in `static/` are public.",
            "Keep no private files there, or set PERSISTAUTH_PROTECT_FILES=on under st.App.",
        )
