"""A browser that presents the credentials of two people."""

from dataclasses import dataclass

from tests.support import scripts
from tests.support.house import EMAIL, PASSWORD
from tests.support.page import Page

from streamlit_persistauth import User
from streamlit_persistauth.caches.base import Presented
from streamlit_persistauth.caches.session import SessionCache
from streamlit_persistauth.caller import Caller
from streamlit_persistauth.models import NOBODY
from streamlit_persistauth.parts import Parts


@dataclass(frozen=True)
class Planted(SessionCache):
    """A cache in which more than one credential stands."""

    texts: tuple[str, ...]

    def read(self, caller: Caller) -> tuple[Presented, ...]:
        """See `CacheBackend.read`."""
        return tuple(Presented(text, None) for text in self.texts)


def credential(parts: Parts, email: str) -> str:
    """Begin a sign-in; return what a browser keeps of it."""
    owner = parts.accounts.find(email)
    assert owner is not None
    return parts.sessions.issue(parts.sessions.start(owner, remember=True, client=NOBODY).id).text


def test_two_people(ada: User, parts: Parts) -> None:
    """One of the two credentials has been planted: both sign-ins end, and the form comes."""
    bob = parts.accounts.register("bob@example.com", PASSWORD).user
    texts = (credential(parts, EMAIL), credential(parts, bob.email))
    page = Page(scripts.cached, cache=Planted(texts))
    assert "Sign in" in page.buttons
    assert page.texts == []
    assert parts.sessions.live(ada.id) == parts.sessions.live(bob.id) == []


def test_one_person_twice(ada: User, parts: Parts) -> None:
    """Two credentials of one user are no sign of an attack."""
    page = Page(scripts.cached, cache=Planted((credential(parts, EMAIL), credential(parts, EMAIL))))
    assert page.texts == ["secret of Ada"]
