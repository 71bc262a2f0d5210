"""Check the types and ranges of arguments of public calls.

Invalid user input raises the error for that input (`InvalidEmail`, `InvalidLink`). An invalid
argument of the calling program raises `InvalidArgument`.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from numbers import Real
from typing import Any, Final, TypeGuard, TypeVar

from streamlit_persistauth.core.text.measure import MAX_ID, fits
from streamlit_persistauth.errors import AuthError, ConfigError, InvalidArgument

NO_EMAIL: Final = "Please enter a valid email address."
NO_USERNAME: Final = "Please enter your username."
NO_NAME: Final = "The name contains characters that aren't allowed."
NO_PASSWORD: Final = "Please enter a password."  # noqa: S105 - a sentence
MAX_DAYS: Final = 36_500
"""The maximum of a period in days: a hundred years, which `datetime` can add to any date."""
MAX_ROWS: Final = 2_147_483_647
"""The maximum of a number of rows, which every database accepts."""
_SECONDS_PER_DAY: Final = 86_400

T = TypeVar("T")


def typed_text(value: object, refusal: AuthError) -> str:
    """Return user input.

    Raises:
        AuthError: The value is not a string. The error is `refusal`.
    """
    if not isinstance(value, str):
        raise refusal
    return value


def an_id(value: object, argument: str) -> str | None:
    """Return the id of an account or a session, or None if no id can have this form.

    Raises:
        InvalidArgument: The value is not a string.
    """
    if not isinstance(value, str):
        raise InvalidArgument(argument, "an id is expected, as a string.")
    return value if value and fits(value, MAX_ID) and value.isprintable() else None


def names(value: object, argument: str) -> tuple[str, ...]:
    """Return the names of roles as a tuple; a single string is one name.

    Raises:
        InvalidArgument: The value is not a string or an iterable of strings.
    """
    if isinstance(value, str):
        return (value,)
    items = tuple(value) if isinstance(value, Iterable) and not isinstance(value, bytes) else None
    if items is None or not all(isinstance(name, str) for name in items):
        raise InvalidArgument(argument, "names of roles are expected, as strings.")
    return items


def days(value: object, argument: str) -> timedelta:
    """Return a period given as a number of days.

    Raises:
        InvalidArgument: The value is not a number from 0 to 36500.
    """
    if not _is_within(value, MAX_DAYS):
        raise InvalidArgument(argument, f"a number of days from 0 to {MAX_DAYS} is expected.")
    return timedelta(days=float(value))


def period(value: object, argument: str) -> timedelta:
    """Return a period given as a `timedelta` or as a number of seconds.

    Raises:
        InvalidArgument: The value is neither, or not from 0 to a hundred years.
    """
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if not _is_within(seconds, MAX_DAYS * _SECONDS_PER_DAY):
        raise InvalidArgument(
            argument, "a timedelta or a number of seconds is expected, from 0 to a hundred years."
        )
    return timedelta(seconds=float(seconds))


def whole(value: object, argument: str) -> int:
    """Return a number of rows.

    Raises:
        InvalidArgument: The value is not a whole number from 0 to 2147483647.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_ROWS:
        raise InvalidArgument(argument, f"a whole number from 0 to {MAX_ROWS} is expected.")
    return value


def a_text(value: object, argument: str) -> str:
    """Return a text that a program passes.

    Raises:
        InvalidArgument: The value is not a string that UTF-8 can encode.
    """
    if not isinstance(value, str) or not is_encodable(value):
        raise InvalidArgument(argument, "a string is expected.")
    return value


def flag(value: object, argument: str) -> bool:
    """Return a boolean.

    Raises:
        InvalidArgument: The value is not True or False.
    """
    if not isinstance(value, bool):
        raise InvalidArgument(argument, "True or False is expected.")
    return value


def one_of(value: T, options: Collection[T], argument: str) -> T:
    """Return one of the given options.

    Raises:
        InvalidArgument: The value is not one of them.
    """
    if not isinstance(value, str) or value not in options:
        known = ", ".join(map(repr, options))
        raise InvalidArgument(argument, f"one of {known} is expected.")
    return value


def texts(value: object, argument: str) -> Mapping[str, str]:
    """Return an app's own labels by the English text; None stands for an empty mapping.

    Raises:
        InvalidArgument: The value is not a mapping from strings to strings.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(
        isinstance(item, str) and is_encodable(item) for pair in value.items() for item in pair
    ):
        raise InvalidArgument(argument, "a mapping from strings to strings is expected.")
    return value


def implements(value: object, protocol: type, argument: str) -> None:
    """Check that an object has the methods of a protocol; None stands for the default object.

    Raises:
        ConfigError: A method is missing. The message names the first one.
    """
    if value is None:
        return
    for name in vars(protocol):
        if not name.startswith("_") and not callable(getattr(value, name, None)):
            raise ConfigError(argument, f"a {protocol.__name__} is expected; {name}() is missing.")


def is_encodable(text: str) -> bool:
    """Return whether UTF-8 can encode a text, which has no lone surrogates then."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_within(value: Any, limit: int) -> TypeGuard[float]:  # noqa: ANN401 - anything
    """Return whether a value is a number from 0 to `limit`; NaN and booleans are not."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return False
    return bool(0 <= value <= limit)  # type: ignore[operator] # a real number has an order
