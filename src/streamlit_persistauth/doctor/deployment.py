"""A deployment as the app sees it: settings, database, source and Streamlit's options."""

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
    """The input of the checks.

    Attributes:
        settings: The settings that the app reads.
        app: The source of the app, or None if it can't be read.
        engine: The engine of the database, or None if code makes it or it can't be opened.
        options: Streamlit's options by name.
        environment: The environment variables.
        clock: The clock of this machine.
    """

    settings: AuthSettings
    app: App | None
    engine: Engine | None
    options: Mapping[str, Any]
    environment: Mapping[str, str]
    clock: Clock

    @property
    def token_store_url(self) -> str | None:
        """The URL of a separate store of sign-ins; None for the database or one made in code."""
        in_code = argument(self.app, None, "tokens")
        if in_code is not None:
            return text_of(in_code)
        return self.settings.token_store_url

    @property
    def has_mailer(self) -> bool:
        """Whether the app can send mail, by a server or by its own mailer."""
        return self.settings.smtp_url is not None or argument(self.app, None, "mailer") is not None

    @property
    def is_served(self) -> bool:
        """Whether the app is an `st.App` with the routes and the middleware."""
        return self.app is not None and self.app.is_gated and self.app.has_routes


def argument(app: App | None, position: int | None, name: str) -> ast.expr | None:
    """Return an argument that the app passes to its `Authenticator`, or None."""
    for call in app.authenticators if app else ():
        value = argument_of(call, position, name)
        if value is not None:
            return value
    return None


def text_of(node: ast.expr | None) -> str | None:
    """Return the value of a text literal, or None for any other expression."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
