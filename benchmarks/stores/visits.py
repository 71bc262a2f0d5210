"""Sign-ins picked at random, to be read again and again."""

import random
from dataclasses import dataclass
from itertools import cycle

import jwt
import rows
from library import KEY, credential
from statements import Statements
from timing import Work

from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.wiring.services import Services

PICKED = 2000


@dataclass(frozen=True)
class Visit:
    """What is known of one sign-in by who reads it.

    Attributes:
        credential: The JWT that its browser keeps.
        token_hash: The key of its row.
        user_id: The key of its user's row.
    """

    credential: str
    token_hash: str
    user_id: str


def picked(services: Services, live: int, *, seed: int = 0) -> list[Visit]:
    """Return some of the live sign-ins, from all over the table; the same in every run."""
    order = random.Random(seed)  # noqa: S311 - an order, no secret
    numbers = order.sample(range(live), min(PICKED, live))
    users = -(-live // rows.PER_USER)
    return [
        Visit(
            credential(services, number, users),
            fingerprint(rows.secret(number)),
            rows.user_id(rows.owner_of(number, users)),
        )
        for number in numbers
    ]


def resumes(services: Services, visits: list[Visit]) -> Work:
    """Return what resumes one sign-in after the other, with each call one."""
    texts = cycle([visit.credential for visit in visits])
    resume = services.sessions.resume
    return lambda: resume(next(texts))


def reads(raw: Statements, visits: list[Visit]) -> Work:
    """Return what reads the rows of one sign-in after the other by the plain driver."""
    keys = cycle([(visit.token_hash, visit.user_id) for visit in visits])
    return lambda: raw.read(*next(keys))


def checked_reads(raw: Statements, visits: list[Visit], audience: str) -> Work:
    """Return what verifies a credential by PyJWT alone, and then reads its rows."""
    read = reads(raw, visits)
    texts = cycle([visit.credential for visit in visits])

    def work() -> object:
        jwt.decode(next(texts), KEY, algorithms=["HS256"], audience=audience)
        return read()

    return work
