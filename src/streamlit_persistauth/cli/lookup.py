"""Find the account that a command names."""

from streamlit_persistauth.cli.report import Refused
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.wiring.services import Services


def find_user(services: Services, user: str) -> UserRecord:
    """Return the account with an email address, username or id.

    Raises:
        Refused: No account has it.
    """
    found = services.user_admin.get(user)
    if found is None:
        raise Refused("not_found", f"There is no account {user}.")
    return found
