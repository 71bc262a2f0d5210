"""Checks the arguments of public calls: their types and ranges.

What a person types is refused with the error that names it (`InvalidEmail`, `InvalidLink`). What a
program chooses is refused with `InvalidArgument`.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from numbers import Real
from typing import Any, Final, TypeGuard, TypeVar

from streamlit_persistauth.core.text.measure import MAX_ID, fits
from streamlit_persistauth.errors import AuthError, ConfigError, InvalidArgument

MAX_DAYS: Final = 36_500
"""Days of a period: a hundred years, which every date can be moved by."""
_SECONDS_PER_DAY: Final = 86_400

T = TypeVar("T")


def typed_text(value: object, refusal: AuthError) -> str:
    """Return a text that a person typed.

    Raises:
        AuthError: `refusal`, where it is no text.
    """
    if not isinstance(value, str):
        raise refusal
    return value


def an_id(value: object, argument: str) -> str | None:
    """Return the id of an account or a sign-in; None where no id can be like this.

    Raises:
        InvalidArgument: It is no text.
    """
    if not isinstance(value, str):
        raise InvalidArgument(argument, "an id is expected, which is a text.")
    return value if value and fits(value, MAX_ID) and value.isprintable() else None


def names(value: object, argument: str) -> tuple[str, ...]:
    """Return names of roles, also where one name is given instead of several.

    Raises:
        InvalidArgument: They are no texts.
    """
    if isinstance(value, str):
        return (value,)
    found = tuple(value) if isinstance(value, Iterable) and not isinstance(value, bytes) else None
    if found is None or not all(isinstance(name, str) for name in found):
        raise InvalidArgument(argument, "names of roles are expected, which are texts.")
    return found


def days(value: object, argument: str) -> timedelta:
    """Return a period that is given as a number of days.

    Raises:
        InvalidArgument: It is no number, or not from 0 to 36500.
    """
    if not _is_within(value, MAX_DAYS):
        raise InvalidArgument(argument, f"a number of days from 0 to {MAX_DAYS} is expected.")
    return timedelta(days=float(value))


def period(value: object, argument: str) -> timedelta:
    """Return a period that is given as a `timedelta` or as a number of seconds.

    Raises:
        InvalidArgument: It is neither, or not from 0 to a hundred years.
    """
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if not _is_within(seconds, MAX_DAYS * _SECONDS_PER_DAY):
        raise InvalidArgument(
            argument, "a timedelta or a number of seconds is expected, from 0 to a hundred years."
        )
    return timedelta(seconds=float(seconds))


def flag(value: object, argument: str) -> bool:
    """Return True or False.

    Raises:
        InvalidArgument: It is neither.
    """
    if not isinstance(value, bool):
        raise InvalidArgument(argument, "True or False is expected.")
    return value


def one_of(value: T, options: Collection[T], argument: str) -> T:
    """Return one of several values.

    Raises:
        InvalidArgument: It is another value.
    """
    if not isinstance(value, str) or value not in options:
        known = ", ".join(map(repr, options))
        raise InvalidArgument(argument, f"one of {known} is expected.")
    return value


def texts(value: object, argument: str) -> Mapping[str, str]:
    """Return an app's own words by the English ones; None stands for no words.

    Raises:
        InvalidArgument: It is no mapping from texts to texts.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(
        isinstance(item, str) and is_encodable(item) for pair in value.items() for item in pair
    ):
        raise InvalidArgument(argument, "a mapping from texts to texts is expected.")
    return value


def implements(value: object, protocol: type, argument: str) -> None:
    """Refuse an object that lacks a method of a protocol; None stands for the default.

    Raises:
        ConfigError: The message names the first method that is missing.
    """
    if value is None:
        return
    for name in vars(protocol):
        if not name.startswith("_") and not callable(getattr(value, name, None)):
            raise ConfigError(argument, f"a {protocol.__name__} is expected; {name}() is missing.")


def is_encodable(text: str) -> bool:
    """Return whether UTF-8 can encode a text: it has no lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_within(value: Any, limit: int) -> TypeGuard[float]:  # noqa: ANN401 - anything
    """Return whether a value is a number from 0 to a limit; NaN is not, nor are True and False."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return False
    return bool(0 <= value <= limit)  # type: ignore[operator] # a real number has an order
