"""The display names of accounts."""

from dataclasses import dataclass

from streamlit_persistauth.core.storage.charsets import CanHold
from streamlit_persistauth.core.text.names import clean_name
from streamlit_persistauth.errors import InvalidName


@dataclass(frozen=True, eq=False, repr=False)
class DisplayNames:
    """Checks the names that accounts are to get; `can_hold` returns whether the store can."""

    can_hold: CanHold

    def clean(self, text: str) -> str:
        """Return a name in NFC without surrounding whitespace.

        Raises:
            InvalidName: The name cannot be shown, or the store can't hold it.
        """
        name = clean_name(text)
        if not self.can_hold("full_name", name):
            raise InvalidName("The name contains characters that this app can't store.")
        return name
