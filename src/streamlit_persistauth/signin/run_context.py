"""The request context of a run, read once; refuses a page that two apps share."""

from dataclasses import dataclass
from typing import Final

from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.handshake import Handshake
from streamlit_persistauth.runtime.script_run import in_script_run, run_memory
from streamlit_persistauth.ui.notices import stop_misconfigured
from streamlit_persistauth.ui.translator import Texts
from streamlit_persistauth.wiring.services import Services

OTHER_MIDDLEWARE: Final = (
    "this st.App has the middleware of another Authenticator, with other accounts, sign-ins or "
    "cookies. Use one Authenticator for its routes, its middleware and all of its pages, or serve "
    "two apps."
)
SAME_COOKIE: Final = (
    "another Authenticator with other accounts or sign-ins uses this name on the same page. Use "
    "one Authenticator, or give each its own name. If you have just changed it, reload the page."
)


@dataclass(frozen=True, slots=True)
class RunContext:
    """Reads the request context of the current run.

    Attributes:
        services: The services of the app.
        labels: The app's own words.
    """

    services: Services
    labels: Texts

    def current(self) -> RequestContext:
        """Return the request context, the same object throughout a run."""
        memory, slot = run_memory(), (RequestContext, self.services)
        context: RequestContext | None = memory.get(slot)
        if context is None:
            context = self._read()
            if in_script_run():
                self._refuse_another_app(context)
            memory[slot] = context
        return context

    def _read(self) -> RequestContext:
        settings = self.services.settings
        language = None if settings.language == "browser" else settings.language
        handshake = Handshake.current(settings.trusted_proxies, language)
        return RequestContext.of(handshake, self.services.cookies)

    def _refuse_another_app(self, context: RequestContext) -> None:
        """Stop a run on a page that another `Authenticator`, with other accounts, uses already.

        A page has one place for the session of each cookie name, and a connection of `st.App` has
        one in all: two apps would sign each other out.
        """
        served, identity = context.handshake.served, self.services.identity
        if served is not None and served.app not in {None, identity}:
            stop_misconfigured(ConfigError("Authenticator", OTHER_MIDDLEWARE), self.labels)
        if not context.visitor.belongs_to(identity):
            stop_misconfigured(ConfigError("PERSISTAUTH_COOKIE_NAME", SAME_COOKIE), self.labels)
