"""Records of new accounts, before they are stored."""

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.records import Pending, UserRecord
from streamlit_persistauth.core.text.emails import email_key
from streamlit_persistauth.core.text.usernames import username_key
from streamlit_persistauth.models import User


def new_record(user: User, password_hash: str, *, pending: Pending | None = None) -> UserRecord:
    """Return the record of a new account, with its keys and a new security stamp."""
    return UserRecord(
        user,
        password_hash,
        email_key=email_key(user.email) if user.email else None,
        security_stamp=new_id(),
        pending=pending,
        username_key=username_key(user.username) if user.username else None,
    )
