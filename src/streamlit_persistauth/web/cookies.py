"""Cookies as text: names, reading and writing (RFC 6265bis)."""

import re
from dataclasses import dataclass, field
from typing import Final

from streamlit_persistauth.core.secrets import fingerprint

HOST_PREFIX: Final = "__Host-"
"""A browser keeps such a cookie only with Secure, Path=/ and no Domain (RFC 6265bis 4.1.3.2)."""
MAX_BYTES: Final = 4096
"""Of name and value together; browsers drop a longer cookie (RFC 6265bis 5.6)."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie with its attributes. It has no Domain.

    Attributes:
        name: With the prefix, if it has one.
        value: Characters that need no quoting; empty in a cookie that deletes.
        path: The path below which it is sent.
        max_age: Seconds until it expires; 0 deletes it; None keeps it until the browser closes.
        secure: Whether it is sent over HTTPS only.
        partitioned: Whether a frame in a page of another site gets it too, in a separate jar.
    """

    name: str
    value: str = field(repr=False)
    path: str
    max_age: int | None
    secure: bool
    partitioned: bool

    @property
    def same_site(self) -> str:
        """The value of the attribute SameSite."""
        return "None" if self.partitioned else "Lax"

    @property
    def text(self) -> str:
        """The text that sets it, in a header or by a script."""
        parts = [f"{self.name}={self.value}", f"Path={self.path}"]
        if self.max_age is not None:
            parts.append(f"Max-Age={self.max_age}")
        parts.append(f"SameSite={self.same_site}")
        if self.partitioned:
            parts.append("Partitioned")
        if self.secure:
            parts.append("Secure")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Cookies:
    """The names of the two cookies of an app, and the headers that set them.

    Attributes:
        name: Of the cookie that holds the credential, without the prefix.
        path: The path below which the app is served. A cookie with the prefix must have `/`.
        embedded: Whether a frame in a page of another site gets them too, in a separate jar for
            each such site (CHIPS). Only on HTTPS: browsers refuse it elsewhere.
    """

    name: str
    path: str = "/"
    embedded: bool = False

    @classmethod
    def below(cls, base_path: str, *, name: str, embedded: bool) -> "Cookies":
        """Return the cookies of an app that is served below a path.

        Several apps on one host are distinguished by that path: by `Path` and, because the prefix
        doesn't allow one, by the name too. Two paths never produce the same name.

        Args:
            base_path: With a leading slash, or empty.
            name: The name from the settings.
            embedded: As in `Cookies`.
        """
        path = base_path.strip("/")
        suffix = re.sub(r"[^A-Za-z0-9_-]", "-", path)
        if suffix != path:
            suffix = f"{suffix}-{fingerprint(path)[:8]}"
        return cls(f"{name}-{suffix}" if suffix else name, base_path or "/", embedded)

    def credential(self, *, secure: bool) -> str:
        """Return the name of the cookie that holds the credential."""
        return HOST_PREFIX + self.name if secure else self.name

    def credential_values(self, header: str, *, secure: bool) -> list[str]:
        """Return every value of the cookie that holds the credential, in a request to any server.

        On HTTPS that is the cookie with the prefix only, because a neighbouring host can plant one
        without it. A server behind a proxy may not know that a page is HTTPS; a cookie with the
        prefix shows it, and the other one is ignored then.
        """
        prefixed = cookie_values(header, self.credential(secure=True))
        return prefixed if prefixed or secure else cookie_values(header, self.name)

    def browser(self, *, secure: bool) -> str:
        """Return the name of the cookie that identifies a browser; it signs no user in."""
        return f"{self.credential(secure=secure)}_browser"

    def browser_values(self, header: str) -> list[str]:
        """Return every value of the cookie that identifies a browser.

        A neighbouring host can plant any cookie without the prefix, so if there is one with the
        prefix, the other is ignored. Behind a proxy that does not set `X-Forwarded-Proto` the
        cookie is set without the prefix on HTTPS, too.
        """
        names = self.browser(secure=True), self.browser(secure=False)
        prefixed, plain = (cookie_values(header, name) for name in names)
        return prefixed or plain

    def cookie(
        self, name: str, value: str, *, secure: bool, max_age: int | None = None
    ) -> "Cookie":
        """Return a cookie of this app: SameSite=Lax, no Domain.

        Args:
            name: Of the cookie.
            value: Characters that need no quoting.
            secure: Whether the page is HTTPS.
            max_age: Seconds until it expires; 0 deletes it; None keeps it until the browser closes.

        Raises:
            ValueError: It is too long, so no browser would keep it.
        """
        if len(name) + len(value) > MAX_BYTES:
            raise ValueError(f"the cookie {name} would be longer than {MAX_BYTES} bytes")
        path = "/" if name.startswith(HOST_PREFIX) else self.path
        return Cookie(name, value, path, max_age, secure, partitioned=self.embedded and secure)

    def set(self, name: str, value: str, *, secure: bool, max_age: int | None = None) -> str:
        """Return a `Set-Cookie` header: that of `cookie`, and HttpOnly, which no script can set."""
        return self.cookie(name, value, secure=secure, max_age=max_age).text + "; HttpOnly"


def cookie_values(header: str, name: str) -> list[str]:
    """Return every value of this name in a `Cookie` header, in order.

    A mapping keeps one of several cookies of the same name; which one depends on the parser. So
    this reads the header itself.
    """
    values = []
    for pair in header.split(";"):
        key, separator, value = pair.strip().partition("=")
        if separator and key.strip() == name:
            values.append(value.strip())
    return values
