"""Find the account that a command names."""

from streamlit_persistauth.cli.report import Refused
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.wiring.services import Services


def find_user(services: Services, id_or_email: str) -> UserRecord:
    """Return the account with an email address or id.

    Raises:
        Refused: No account has it.
    """
    found = services.user_admin.get(id_or_email)
    if found is None:
        raise Refused("not_found", f"There is no account {id_or_email}.")
    return found
