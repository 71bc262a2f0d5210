"""A browser that presents the credentials of two users."""

from dataclasses import dataclass

from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page

from streamlit_persistauth import User
from streamlit_persistauth.caches.base import PresentedCredential
from streamlit_persistauth.caches.session import SessionCache
from streamlit_persistauth.models import NOBODY
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.wiring.services import Services


@dataclass(frozen=True)
class Planted(SessionCache):
    """A cache that holds several credentials."""

    texts: tuple[str, ...]

    def read(self, context: RequestContext) -> tuple[PresentedCredential, ...]:
        """See `CacheBackend.read`."""
        return tuple(PresentedCredential(text, None) for text in self.texts)


def credential(services: Services, email: str) -> str:
    """Start a session; return its credential."""
    owner = services.accounts.find(email)
    assert owner is not None
    return services.sessions.issue(
        services.sessions.start(owner, remember=True, client=NOBODY).id
    ).text


def test_two_people(ada: User, services: Services) -> None:
    """Credentials of two users revoke both sessions, because one of them was planted."""
    bob = services.accounts.register("bob@example.com", PASSWORD).user
    texts = (credential(services, EMAIL), credential(services, bob.email))
    page = Page(scripts.cached, cache=Planted(texts))
    assert "Sign in" in page.buttons
    assert page.texts == []
    assert services.sessions.live(ada.id) == services.sessions.live(bob.id) == []


def test_one_person_twice(ada: User, services: Services) -> None:
    """Two credentials of one user sign in."""
    page = Page(
        scripts.cached, cache=Planted((credential(services, EMAIL), credential(services, EMAIL)))
    )
    assert page.texts == ["secret of Ada"]
