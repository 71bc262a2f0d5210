"""What a browser presents to show who sits at it, and whom that signs in."""

import logging
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from streamlit_persistauth.caches.base import PresentedCredential
from streamlit_persistauth.core.sessions.sessions import SignedIn
from streamlit_persistauth.errors import InvalidToken
from streamlit_persistauth.models import Client
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.wiring.services import Services

TWO_PEOPLE: Final = "two people"
"""Why a browser is refused that presents the sign-ins of different people."""

Accepted = tuple[PresentedCredential, SignedIn]

logger = logging.getLogger("streamlit_persistauth")


class BrowserCredentials:
    """Takes credentials and handles from an app's caches, and has each of them decided."""

    def __init__(self, services: Services) -> None:
        """Use the caches and the sign-ins of an app."""
        self._services = services

    def first(self, context: RequestContext) -> Accepted | None:
        """Return the first of what the browser presents that counts, and whom it signs in.

        Raises:
            InvalidToken: Something is presented, and nothing of it counts, or it names two people.
            StoreError: It can't be told for now.
        """
        accepted, refusal = self._weigh(context)
        self._hold_to_one_person([found for _, found in accepted])
        if not accepted and refusal is not None:
            raise refusal
        return accepted[0] if accepted else None

    def hold_beside(self, found: SignedIn, context: RequestContext) -> None:
        """Hold that what the browser presents names nobody but who is signed in already.

        Raises:
            InvalidToken: It does; all those sign-ins have ended.
            StoreError: It can't be told for now.
        """
        accepted, _ = self._weigh(context)
        self._hold_to_one_person([found, *(other for _, other in accepted)])

    def _weigh(self, context: RequestContext) -> tuple[list[Accepted], InvalidToken | None]:
        """Return what is valid of what the browser presents, and why the rest is refused.

        What another app or key has made is ignored: it may be valid there.
        """
        accepted: list[Accepted] = []
        refusal: InvalidToken | None = None
        for presented in self._services.cache.read(context):
            try:
                accepted.append((presented, self._redeem(presented, context.handshake.client)))
            except InvalidToken as error:
                if error.foreign:
                    _log_foreign(self._services.cookies.name)
                else:
                    refusal = refusal or error
        return accepted, refusal

    def _redeem(self, presented: PresentedCredential, client: Client) -> SignedIn:
        if presented.is_url_token:
            return self._services.url_tokens.redeem(presented.text, client=client)
        return self._services.sessions.resume(presented.text, client=client)

    def _hold_to_one_person(self, all_found: Sequence[SignedIn]) -> None:
        """End sign-ins of different people that one browser presents.

        Somebody has put one there for the other. Which of them is not to be told, so both end.

        Raises:
            InvalidToken: They are of different people.
        """
        if len({found.user.id for found in all_found}) > 1:
            for found in all_found:
                self._services.sessions.end(found.session.id)
            raise InvalidToken(TWO_PEOPLE)


@lru_cache(maxsize=16)
def _log_foreign(name: str) -> None:
    """Say once for each name what may be behind a credential that is not this app's."""
    logger.warning(
        "a browser presents a credential under the name %s that another key or app has made; it is "
        "ignored. Apps on one host share cookies, on every port: give each its own "
        "PERSISTAUTH_COOKIE_NAME. After a change of JWT_SECRET_KEY, put the old key into "
        "JWT_PREVIOUS_KEYS",
        name,
    )
