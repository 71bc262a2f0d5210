"""Which account a command is about."""

from collections.abc import Iterable

from streamlit_persistauth.cli.report import Refused
from streamlit_persistauth.core.records import UserRecord
from streamlit_persistauth.parts import Parts


def find_user(parts: Parts, id_or_email: str) -> UserRecord:
    """Return the account of an address or an id.

    Raises:
        Refused: There is none.
    """
    found = parts.directory.get(id_or_email)
    if found is None:
        raise Refused("not_found", f"There is no account {id_or_email}.")
    return found


def names_of(parts: Parts, user_ids: Iterable[str]) -> dict[str, str]:
    """Return addresses by id; who has gone is called by the id."""
    found = {user_id: parts.users.get(user_id) for user_id in user_ids}
    return {user_id: record.user.email if record else user_id for user_id, record in found.items()}
