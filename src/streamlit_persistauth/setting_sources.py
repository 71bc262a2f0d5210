"""Reads settings from the environment, `.env` and the secrets of Streamlit."""

import io
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.setting_names import (
    PREFIX,
    SECTION,
    refuse_misplaced,
    refuse_near_misses,
    refuse_unknown,
    spellings,
)

_DOTENV: Final = Path(".env")
_IN_WORDS: Final = {
    "environment": "the environment",
    ".env": ".env",
    "secrets.toml": "the secrets",
}


@dataclass(frozen=True, slots=True)
class Given:
    """A value that is given for a setting.

    Attributes:
        value: The value as it is written there.
        source: `environment`, `.env` or `secrets.toml`.
    """

    value: Any = field(repr=False)
    source: str


def read_sources(secrets: Mapping[str, Any], names: Sequence[str]) -> dict[str, Given]:
    """Return what is given for these names.

    The environment wins over `.env`, and `.env` over the secrets.

    Args:
        secrets: The section `persistauth` of the secrets.
        names: The environment variables of all settings.

    Raises:
        ConfigError: `.env` cannot be read, a name is unknown or twice in the secrets, or an empty
            value hides another.
    """
    stored = _by_variable(secrets, names)
    file = _read_dotenv(names)
    for source in (os.environ, file):
        refuse_near_misses(source, names)
    sources = {"environment": os.environ, ".env": file, "secrets.toml": stored}
    for name in names:
        _refuse_hidden(name, sources)
    return {
        name: Given(values[name], source)
        for source, values in reversed(sources.items())
        for name in names
        if name in values
    }


def _by_variable(secrets: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return the secrets by environment variable, whether written with our prefix or without it.

    Raises:
        ConfigError: A name is unknown, or a setting is given under both names.
    """
    variables = {spelling: name for name in names for spelling in spellings(name)}
    refuse_unknown(secrets, variables)
    values: dict[str, Any] = {}
    for spelling, value in secrets.items():
        name = variables[spelling]
        if name in values:
            both = " and as ".join(spellings(name))
            raise ConfigError(name, f"the secrets have it as {both}. Remove one of them.")
        values[name] = value
    return values


def read_secrets(names: Iterable[str]) -> dict[str, Any]:
    """Return the section `persistauth` of Streamlit's secrets; empty if there is no such section.

    Streamlit ignores files that it cannot read, so they are checked here first.

    Args:
        names: The environment variables of all settings.

    Raises:
        ConfigError: A file cannot be read, or our settings are not in the section.
    """
    import streamlit as st

    paths = [Path(path) for path in st.get_option("secrets.files")]
    present = [path for path in paths if _check_secrets(path)]
    try:
        section = st.secrets.get(SECTION, {})
        sections = list(st.secrets)
    except (OSError, ValueError):
        if present:
            raise _unreadable(present[0], "Streamlit cannot read it") from None
        return {}
    if not isinstance(section, Mapping):
        raise ConfigError(SECTION, f"a section [{SECTION}] is expected in the secrets.")
    refuse_misplaced(sections, names)
    return dict(section)


def _refuse_hidden(name: str, sources: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse an empty value that hides another, such as an unset variable of a container."""
    given = [(source, values[name]) for source, values in sources.items() if name in values]
    if not given or given[0][1] != "":
        return
    hidden = next((source for source, value in given[1:] if value not in ("", None)), None)
    if hidden is not None:
        raise ConfigError(
            name,
            f"it is empty in {_IN_WORDS[given[0][0]]} and has a value in {_IN_WORDS[hidden]}. "
            "Remove one of them.",
        )


def _read_dotenv(names: Sequence[str]) -> dict[str, str]:
    """Return the values in `.env`; empty if there is no such file.

    Raises:
        ConfigError: The file or a line of it cannot be read.
    """
    if _DOTENV.is_dir():  # a virtual environment may have this name
        return {}
    text = _read_text(_DOTENV)
    if text is None:
        return {}
    text = text.removeprefix("\ufeff")  # editors on Windows write a byte order mark
    for binding in parse_stream(io.StringIO(text)):
        fault = _fault(binding, names)
        if fault is not None:
            source = binding.original.string
            empty = source[: len(source) - len(source.lstrip())].count("\n")
            raise _unreadable(_DOTENV, fault, binding.original.line + empty)
    values = dotenv_values(stream=io.StringIO(text))
    return {name: value for name, value in values.items() if value is not None}


def _fault(binding: Binding, names: Sequence[str]) -> str | None:
    """Return why a line of `.env` is malformed; None if it is not, or is of another program."""
    if binding.error:
        return "it is not of the form NAME=value"
    if binding.key is None or binding.value is not None:
        return None
    found = re.match(r"\w*", binding.key)  # DEBUG_AUTH:on is read as a name without a value
    name = found[0] if found else ""
    return "it has no `=`" if name in names or name.startswith(PREFIX) else None


def _check_secrets(path: Path) -> bool:
    """Return whether a file or folder of secrets exists.

    Raises:
        ConfigError: The file cannot be read.
    """
    if path.suffix != ".toml":
        return path.exists()
    text = _read_text(path)
    if text is None:
        return False
    try:
        toml = import_module("tomllib")
    except ModuleNotFoundError:  # Python 3.10, where Streamlit installs toml
        toml = import_module("toml")
    try:
        toml.loads(text)
    except ValueError as error:
        found = re.search(r"\bline (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        # The message of the parser may quote the line.
        raise _unreadable(path, "it is not valid TOML; text needs quotes", line) from None
    return True


def _read_text(path: Path) -> str | None:
    """Return the text of a file; None if there is no such file.

    Raises:
        ConfigError: It cannot be read.
    """
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unreadable(path, error.strerror or "the system refuses") from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _unreadable(path, "it is not valid UTF-8", line) from None


def _unreadable(path: Path, reason: str, line: int | None = None) -> ConfigError:
    """Return an error about a file, without its content and without the folders above the app."""
    name = str(path)
    for folder, short in ((Path.cwd(), ""), (Path.home(), "~/")):
        if path.is_relative_to(folder):
            name = short + path.relative_to(folder).as_posix()
            break
    where = f"line {line} cannot be read" if line else "the file cannot be read"
    return ConfigError(name, f"{where}: {reason}.")
