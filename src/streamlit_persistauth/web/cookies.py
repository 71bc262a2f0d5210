"""Cookies as text: names, reading and writing (RFC 6265bis)."""

from typing import Final

HOST_PREFIX: Final = "__Host-"
"""A browser keeps such a cookie only with Secure, Path=/ and no Domain (RFC 6265bis 4.1.3.2)."""


def credential_cookie(base: str, *, secure: bool) -> str:
    """Return the name of the cookie that holds the credential."""
    return HOST_PREFIX + base if secure else base


def browser_cookie(base: str) -> str:
    """Return the name of the cookie by which a browser is known again; it signs nobody in."""
    return f"{base}_browser"


def cookie_values(header: str, name: str) -> list[str]:
    """Return every value of this name in a `Cookie` header, in order.

    Mappings keep one of several cookies of one name; which one depends on the parser. So the
    header itself is read.
    """
    values = []
    for pair in header.split(";"):
        key, separator, value = pair.strip().partition("=")
        if separator and key.strip() == name:
            values.append(value.strip())
    return values


def set_cookie(name: str, value: str, *, secure: bool, max_age: int | None = None) -> str:
    """Return a `Set-Cookie` header: HttpOnly, SameSite=Lax, Path=/, no Domain.

    Args:
        name: Of the cookie.
        value: Characters that need no quoting.
        secure: Whether the page is HTTPS.
        max_age: Seconds until it ends; 0 deletes it; None keeps it until the browser closes.
    """
    parts = [f"{name}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if max_age is not None:
        parts.append(f"Max-Age={max_age}")
    if secure:
        parts.append("Secure")
    return "; ".join(parts)
