"""A configuration error in the command that starts a server."""

import click

from streamlit_persistauth.errors import ConfigError


class StartError(ConfigError, click.ClickException):  # type: ignore[misc]
    """A `ConfigError` in a command such as `streamlit run` or `uvicorn`.

    The command prints one sentence instead of a traceback, and exits with status 2.
    """

    exit_code = 2

    def __init__(self, error: ConfigError) -> None:
        click.ClickException.__init__(self, error.message)
        self.setting = error.setting

    def format_message(self) -> str:
        """Return the sentence that the command prints, after Streamlit's lines with the URL."""
        return f"The app has not started. {self.message}"


def in_command(error: ConfigError) -> ConfigError:
    """Return a `StartError` if a command imports the app, else the error itself."""
    return StartError(error) if click.get_current_context(silent=True) else error
