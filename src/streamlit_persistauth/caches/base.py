"""The protocol of caches."""

from typing import Protocol

from streamlit_persistauth.handshake import Handshake
from streamlit_persistauth.models import Credential
from streamlit_persistauth.visit import Errand


class Grant(Protocol):
    """A sign-in that a browser may keep. Either method hands it out, in one of two ways."""

    def credential(self) -> Credential:
        """Make the credential itself, for a cache that writes it by script."""
        ...

    def handoff_code(self, browser: str) -> str:
        """Make a single-use code for which our route gives this browser the credential."""
        ...


class CacheBackend(Protocol):
    """Keeps a credential in the browser.

    `keep` and `forget` return the errand the page has to run, or None where nothing is to be done.

    Attributes:
        persistent: Whether what it keeps outlives the page.
    """

    persistent: bool

    def read(self, handshake: Handshake) -> str | None:
        """Return the text the browser presents, or None where it presents nothing.

        Raises:
            InvalidToken: It presents more than one.
        """
        ...

    def keep(self, grant: Grant, handshake: Handshake) -> Errand | None:
        """Have the browser keep the credential of a sign-in."""
        ...

    def forget(self, handshake: Handshake) -> Errand | None:
        """Have the browser forget what it keeps."""
        ...
