"""What may be tried how often."""

from datetime import timedelta
from typing import Final

from streamlit_persistauth.core.text.emails import MAX_LENGTH, canonical_email
from streamlit_persistauth.core.text.measure import shorten
from streamlit_persistauth.core.throttle.client_ip import network_of
from streamlit_persistauth.core.throttle.throttle import Bucket, Limit
from streamlit_persistauth.errors import InvalidEmail
from streamlit_persistauth.models import Client

PASSWORD: Final = Limit(5, timedelta(seconds=30), timedelta(hours=1))
"""Tries of one account's password."""
PASSWORDS: Final = Limit(50, timedelta(seconds=1), timedelta(minutes=5))
"""Tries of passwords from one network, behind which there may be many people."""
MAIL: Final = Limit(3, timedelta(minutes=5), timedelta(hours=6))
"""Mails that anybody can have sent to one address."""
MAILS: Final = Limit(20, timedelta(seconds=10), timedelta(minutes=5))
"""Mails, or accounts, that can be asked for from one network."""


def login_of(email: str) -> Bucket:
    """Return the bucket of sign-ins to an account, which may not exist."""
    return Bucket("login", _subject(email), PASSWORD)


def logins_from(client: Client) -> list[Bucket]:
    """Return the bucket of sign-ins from a network, if that is known."""
    return _from("login", client, PASSWORDS)


def reauthentication_of(user_id: str) -> Bucket:
    """Return the bucket of a signed-in user's own proofs: no stranger's guess counts in it."""
    return Bucket("proof", user_id, PASSWORD)


def mail_to(email: str) -> Bucket:
    """Return the bucket of mails to an address, which may belong to no account."""
    return Bucket("mail", _subject(email), MAIL)


def mails_from(client: Client) -> list[Bucket]:
    """Return the bucket of mails asked for from a network, if that is known."""
    return _from("mail", client, MAILS)


def registrations_from(client: Client) -> list[Bucket]:
    """Return the bucket of accounts made from a network, if that is known."""
    return _from("register", client, MAILS)


def network(client: Client) -> str:
    """Return the network that a client is counted for; empty where it is not known."""
    return network_of(client.ip_address) if client.ip_address else ""


def _from(purpose: str, client: Client, limit: Limit) -> list[Bucket]:
    known = network(client)
    return [Bucket(purpose, known, limit)] if known else []


def _subject(email: str) -> str:
    """Return the address in its canonical form; what is no address stands for itself."""
    try:
        return canonical_email(email)
    except InvalidEmail:
        return shorten(email, MAX_LENGTH).strip().lower()
