"""A deployment as the app itself would find it: settings, database, source, Streamlit's options."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.doctor.app import App, argument_of
from streamlit_persistauth.settings import AuthSettings


@dataclass(frozen=True)
class Deployment:
    """What the checks look at.

    Attributes:
        settings: As the app reads them.
        app: Its source; None where there is none to read.
        engine: Of its database; None where it is made in code, or can't be opened.
        options: Streamlit's options, by name.
        environment: The environment's variables.
        clock: The time of this machine.
    """

    settings: AuthSettings
    app: App | None
    engine: Engine | None
    options: Mapping[str, Any]
    environment: Mapping[str, str]
    clock: Clock

    @property
    def token_store_url(self) -> str | None:
        """Where sign-ins are kept, if not in the database and not in a store made in code."""
        in_code = argument(self.app, None, "tokens")
        if in_code is not None:
            return text_of(in_code)
        return self.settings.token_store_url

    @property
    def has_mailer(self) -> bool:
        """Whether mail can leave, by a server or by the app's own mailer."""
        return self.settings.smtp_url is not None or argument(self.app, None, "mailer") is not None

    @property
    def is_served(self) -> bool:
        """Whether the app is an `st.App` with our routes and middleware."""
        return self.app is not None and self.app.is_gated and self.app.has_routes


def argument(app: App | None, position: int | None, name: str) -> ast.expr | None:
    """Return what the app hands to its `Authenticator`, if anything."""
    for call in app.authenticators if app else ():
        value = argument_of(call, position, name)
        if value is not None:
            return value
    return None


def text_of(node: ast.expr | None) -> str | None:
    """Return a text that stands in the source as it is; None for what is made by code."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
