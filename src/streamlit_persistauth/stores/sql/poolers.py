"""Settings of drivers with which a transaction pooler such as PgBouncer works."""

from typing import Any, Final

from sqlalchemy import URL

from streamlit_persistauth.errors import ConfigError

_THRESHOLD: Final = "prepare_threshold"


def without_prepared_statements(url: URL, setting: str) -> tuple[URL, dict[str, Any]]:
    """Return a URL and arguments of the driver with which it prepares no statements.

    A pooler gives each transaction another connection to the server, on which the prepared
    statements are those of other clients. Only psycopg prepares statements by itself. The parameter
    `prepare_threshold` of the URL allows it to: the number of executions after which a statement is
    prepared.

    Args:
        url: The URL of the database.
        setting: The setting that an error names.

    Raises:
        ConfigError: The parameter is not a whole number.
    """
    if url.get_driver_name() != "psycopg":
        return url, {}
    threshold = url.query.get(_THRESHOLD)
    if threshold is None:
        return url, {_THRESHOLD: None}
    if not (isinstance(threshold, str) and threshold.isdecimal()):
        raise ConfigError(setting, f"{_THRESHOLD} in the URL is a whole number.")
    return url.difference_update_query([_THRESHOLD]), {_THRESHOLD: int(threshold)}
