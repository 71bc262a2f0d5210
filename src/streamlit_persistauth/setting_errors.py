"""Explains malformed settings in one sentence, without their values."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

_NUMBER: Final = "a number is expected"
_WHOLE_NUMBER: Final = "a whole number is expected"
_ON_OR_OFF: Final = "`on` or `off` is expected"
_ADDRESS: Final = "an address such as https://app.example.com is expected"

_BY_TYPE: Final[Mapping[str, str]] = {
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "finite_number": _NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_parsing_size": _WHOLE_NUMBER,
    "int_type": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "bool_parsing": _ON_OR_OFF,
    "bool_type": _ON_OR_OFF,
    "greater_than": "it must be more than {gt:g}",
    "greater_than_equal": "it must be at least {ge:g}",
    "less_than_equal": "it must be at most {le:g}",
    "literal_error": "{expected} is expected",
    "enum": "{expected} is expected",
    "string_type": "a text is expected",
    "string_unicode": "text in valid Unicode is expected",
    "string_too_long": "it may have {max_length} characters at most",
    "tuple_type": "values separated by commas are expected",
    "url_type": _ADDRESS,
    "url_parsing": _ADDRESS,
    "url_scheme": _ADDRESS,
    "url_too_long": _ADDRESS,
    "ip_any_network": "IP addresses or networks such as 10.0.0.0/8 are expected",
}
"""The sentence for each type of error of pydantic that a setting can have."""
_BY_FIELD: Final[Mapping[str, str]] = {
    "cookie_name": "1 to 64 letters, digits, hyphens and underscores of ASCII are expected",
    "app_name": "it must be one line of text",
    "logo": "a file, or an https: or data:image/ URL is expected",
    "mail_from": 'an email address is expected, or "Name" <address>',
    "registration_domains": "mail domains such as example.org or .example.org are expected",
    "frame_ancestors": "sources of CSP are expected, with one space between two of them",
    "csp": "a Content-Security-Policy in one line of ASCII is expected",
    "csp_report_only": "a Content-Security-Policy in one line of ASCII is expected",
}
"""The sentence for a text that does not match the pattern of its field, or fails its check."""
_CHECKS: Final = ("string_pattern_mismatch", "value_error")


def explain(error: ValidationError) -> tuple[str, str]:
    """Return the field of the first malformed value, and a sentence about it."""
    first = error.errors(include_url=False, include_input=False)[0]
    field = str(first["loc"][0])
    context: dict[str, Any] = first.get("ctx", {})
    if first["type"] in _CHECKS:
        return field, f"{_BY_FIELD[field]}."
    sentence = _BY_TYPE.get(first["type"], "the value is invalid")
    return field, f"{sentence.format(**context)}."
