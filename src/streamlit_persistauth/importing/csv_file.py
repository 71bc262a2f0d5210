"""Reads accounts from a CSV file."""

import csv
from collections.abc import Mapping
from pathlib import Path

from streamlit_persistauth.core.accounts.imports import ImportedAccount
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.importing.fields import choose_columns, to_account


def read_csv(path: Path, columns: Mapping[str, str]) -> list[ImportedAccount]:
    """Return the accounts in a UTF-8 file with a header line.

    Args:
        path: The path of the file.
        columns: The headings of fields that do not have their usual heading.

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
        raise ConfigError(path.name, "it is not a CSV file in UTF-8.") from None
