"""A fault of the settings that keeps a server from starting."""

import click

from streamlit_persistauth.errors import ConfigError


class StartError(ConfigError, click.ClickException):  # type: ignore[misc]
    """A `ConfigError` in a command such as `streamlit run` or `uvicorn`.

    The command prints one sentence and ends with status 2; otherwise it prints a traceback.
    """

    exit_code = 2

    def __init__(self, error: ConfigError) -> None:
        """Say what the error says."""
        click.ClickException.__init__(self, error.message)
        self.setting = error.setting

    def format_message(self) -> str:
        """Return what the command prints. Streamlit has announced an address before."""
        return f"The app has not started. {self.message}"


def in_command(error: ConfigError) -> ConfigError:
    """Return the error for the command that imports the app; elsewhere, as it is."""
    return StartError(error) if click.get_current_context(silent=True) else error
