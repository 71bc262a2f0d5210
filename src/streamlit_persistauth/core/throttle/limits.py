"""The rate limits, and the buckets that they apply to."""

from datetime import timedelta
from typing import Final

from streamlit_persistauth.core.throttle.client_ip import network_of
from streamlit_persistauth.core.throttle.throttle import Bucket, Limit
from streamlit_persistauth.models import Client

PASSWORD: Final = Limit(5, timedelta(seconds=30), timedelta(hours=1))
"""Password attempts for one account."""
PASSWORD_OF_TWO: Final = Limit(3, timedelta(minutes=1), timedelta(hours=2))
"""Password attempts for each login name of an account that may have two: in the long run half.

A counter that both names share would reveal which names belong to one account.
"""
PASSWORDS: Final = Limit(50, timedelta(seconds=1), timedelta(minutes=5))
"""Password attempts from one network, which many users may share."""
MAIL: Final = Limit(3, timedelta(minutes=5), timedelta(hours=6))
"""Mails that visitors can request for one address."""
MAILS: Final = Limit(20, timedelta(seconds=10), timedelta(minutes=5))
"""Mails, or accounts, that visitors of one network can request."""
SETUP_CODE: Final = Limit(5, timedelta(seconds=30), timedelta(hours=1))
"""Refused set-up codes from one network."""
SETUP_CODES: Final = Limit(100, timedelta(seconds=1), timedelta(minutes=1))
"""Refused set-up codes from all networks. The wait is short, as attackers can cause it."""


def login_of(name: str, *, of_two: bool = False) -> Bucket:
    """Return the bucket for sign-ins to an account, which may not exist.

    Args:
        name: The login name, in canonical form.
        of_two: Whether an account may have two login names.
    """
    return Bucket("login", _of_name(name), PASSWORD_OF_TWO if of_two else PASSWORD)


def logins_from(client: Client) -> list[Bucket]:
    """Return the bucket for sign-ins from the client's network; none if it is unknown."""
    return _from("login", client, PASSWORDS)


def reauthentication_of(user_id: str) -> Bucket:
    """Return the bucket for the password checks of a signed-in user.

    It is separate from sign-ins, so an attacker's guesses cannot block the user.
    """
    return Bucket("reauthentication", user_id, PASSWORD)


def mail_to(name: str) -> Bucket:
    """Return the bucket for mails that visitors request for a login name in canonical form.

    It may belong to no account.
    """
    return Bucket("mail", _of_name(name), MAIL)


def mail_received(email: str, purpose: str) -> Bucket:
    """Return the bucket for mails to an address, by whichever login name they were requested.

    Each purpose has its own: a visitor cannot tell whether this limit has dropped a mail, so it
    must not be dropped because of other mails.
    """
    return Bucket(f"{purpose} received", email, MAIL)


def mails_from(client: Client) -> list[Bucket]:
    """Return the bucket for mails requested from the client's network; none if it is unknown."""
    return _from("mail", client, MAILS)


def registrations_from(client: Client) -> list[Bucket]:
    """Return the bucket for accounts created from the client's network; none if it is unknown."""
    return _from("register", client, MAILS)


def setup_codes_from(client: Client) -> list[Bucket]:
    """Return the buckets for set-up codes: of the client's network, if known, and of all."""
    return [*_from("setup code", client, SETUP_CODE), Bucket("setup code", "", SETUP_CODES)]


def network(client: Client) -> str:
    """Return the network of a client for rate limits; empty if it is unknown."""
    return network_of(client.ip_address) if client.ip_address else ""


def _from(purpose: str, client: Client, limit: Limit) -> list[Bucket]:
    known = network(client)
    return [Bucket(purpose, f"network {known}", limit)] if known else []


def _of_name(name: str) -> str:
    """Return the subject of a login name, which no network has: `192.0.2.1` may be a username."""
    return f"name {name}"
