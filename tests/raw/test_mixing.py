"""Fifty users at once are never mixed up."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from threading import Barrier

import pytest
from tests.raw.conftest import Cases, serve
from tests.support.account import Account
from tests.support.raw import opened

USERS = [
    Account(f"Person {number:02}", f"person{number:02}@example.com", f"plum-Kettle-{number}-orbit")
    for number in range(50)
]
RERUNS = 20
"""Of each, in either way to serve: 2,000 in all."""


@pytest.fixture(params=["plain", "served"])
def crowd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cases]:
    """An app with fifty accounts."""
    for cases in serve(f"cases_{request.param}", tmp_path, STREAMLIT_RUNNER_POST_SCRIPT_GC="false"):
        for user in USERS:
            user.register(cases.server.settings)
        yield cases


def visitor(cases: Cases, number: int, barrier: Barrier) -> list[str]:
    """Sign in and run the page in mixed ways; return all names that were shown."""
    user, random = USERS[number], Random(number)  # noqa: S311 - a choice that can be repeated
    place = "who" if number % 2 else "who_cached"
    # From one network, only a few may have their passwords checked at once.
    with opened(cases.url, source=f"127.0.1.{number + 1}") as client:
        client.run(f"case={place}")
        barrier.wait(60)
        pages = [client.sign_in(user.email, user.password)]
        pages += [
            client.press("Again") if random.random() < 0.5 else client.run(f"case={place}")
            for _ in range(RERUNS)
        ]
    return [text for page in pages for text in page.texts if "@" in text]


@pytest.mark.slow
def test_fifty_users(crowd: Cases) -> None:
    """One instance of the module, or one that Streamlit caches, serves each user their own page."""
    barrier = Barrier(len(USERS))
    with ThreadPoolExecutor(len(USERS)) as pool:
        shown = list(pool.map(lambda number: visitor(crowd, number, barrier), range(len(USERS))))
    for user, texts in zip(USERS, shown, strict=True):
        assert len(texts) == RERUNS + 1
        assert set(texts) == {f"{user.full_name} {user.email} () {user.full_name}"}
