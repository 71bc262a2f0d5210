"""Accounts in a CSV file, one a line below a line of headings."""

import csv
from collections.abc import Mapping
from pathlib import Path

from streamlit_persistauth.core.accounts.imports import ImportedAccount
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.importing.fields import choose_columns, to_account


def read_csv(path: Path, columns: Mapping[str, str]) -> list[ImportedAccount]:
    """Return the accounts of a file in UTF-8.

    Args:
        path: Of the file.
        columns: Which heading stands over which field, where it is not as usual.

    Raises:
        ConfigError: The file can't be read, or lacks a column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            chosen = choose_columns(reader.fieldnames or (), columns)
            return [
                to_account(
                    {field: row.get(column) for field, column in chosen.items()},
                    f"line {reader.line_num}",
                )
                for row in reader
            ]
    except OSError as error:
        raise ConfigError(path.name, f"it can't be read: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error):
        raise ConfigError(path.name, "it is no CSV file in UTF-8.") from None
