"""A random sample of sign-ins, to be read repeatedly."""

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

SAMPLE_SIZE = 2000


@dataclass(frozen=True)
class SampledSignIn:
    """The keys of a sign-in.

    Attributes:
        credential: The JWT in the browser.
        token_hash: The key of the row of the sign-in.
        user_id: The key of the row of the user.
    """

    credential: str
    token_hash: str
    user_id: str


def sample(services: Services, live: int, *, seed: int = 0) -> list[SampledSignIn]:
    """Return a random sample of the live sign-ins, the same in every run."""
    order = random.Random(seed)  # noqa: S311 - an order, no secret
    numbers = order.sample(range(live), min(SAMPLE_SIZE, live))
    users = -(-live // rows.PER_USER)
    return [
        SampledSignIn(
            credential(services, number, users),
            fingerprint(rows.secret(number)),
            rows.user_id(rows.owner_of(number, users)),
        )
        for number in numbers
    ]


def resumes(services: Services, samples: list[SampledSignIn]) -> Work:
    """Return a function that resumes the next sign-in at each call."""
    texts = cycle([sampled.credential for sampled in samples])
    resume = services.sessions.resume
    return lambda: resume(next(texts))


def reads(raw: Statements, samples: list[SampledSignIn]) -> Work:
    """Return a function that reads the rows of the next sign-in with the plain driver."""
    keys = cycle([(sampled.token_hash, sampled.user_id) for sampled in samples])
    return lambda: raw.read(*next(keys))


def checked_reads(raw: Statements, samples: list[SampledSignIn], audience: str) -> Work:
    """Return a function that verifies the next credential with PyJWT, and reads its rows."""
    read = reads(raw, samples)
    texts = cycle([sampled.credential for sampled in samples])

    def work() -> object:
        jwt.decode(next(texts), KEY, algorithms=["HS256"], audience=audience)
        return read()

    return work
