"""The credentials that a browser presents, and the user whom they sign in."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from streamlit_persistauth.caches.base import PresentedCredential
from streamlit_persistauth.core.sessions.sessions import SignedIn
from streamlit_persistauth.errors import InvalidToken
from streamlit_persistauth.models import Client
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.wiring.services import Services

TWO_PEOPLE: Final = "two people"
"""Why a browser is refused that presents the credentials of different users."""

Accepted = tuple[PresentedCredential, SignedIn]

logger = logging.getLogger("streamlit_persistauth")


@dataclass(frozen=True, slots=True)
class BrowserCredentials:
    """Reads credentials and URL tokens from the caches of an app, and redeems them."""

    services: Services

    def first(self, context: RequestContext) -> Accepted | None:
        """Return the first valid credential that the browser presents, and whom it signs in.

        Raises:
            InvalidToken: No presented credential is valid, or they name different users.
            StoreError: The store did not answer.
        """
        accepted, refusal = self._redeem_all(context)
        self._require_one_user([found for _, found in accepted])
        if not accepted and refusal is not None:
            raise refusal
        return accepted[0] if accepted else None

    def require_same_user(self, found: SignedIn, context: RequestContext) -> None:
        """Require that the browser presents no credential of another user than this one.

        Raises:
            InvalidToken: It does; all those sessions have been revoked.
            StoreError: The store did not answer.
        """
        accepted, _ = self._redeem_all(context)
        self._require_one_user([found, *(other for _, other in accepted)])

    def _redeem_all(self, context: RequestContext) -> tuple[list[Accepted], InvalidToken | None]:
        """Return the valid credentials, and why one of the others is refused.

        A credential that another app or key has made is ignored: it may be valid there.
        """
        accepted: list[Accepted] = []
        refusal: InvalidToken | None = None
        for presented in self.services.cache.read(context):
            try:
                accepted.append((presented, self._redeem(presented, context.handshake.client)))
            except InvalidToken as error:
                if error.foreign:
                    _log_foreign(self.services.cookies.name)
                elif refusal is None or error.by_clock:  # which keeps the browser's credentials
                    refusal = error
        return accepted, refusal

    def _redeem(self, presented: PresentedCredential, client: Client) -> SignedIn:
        if presented.is_url_token:
            return self.services.url_tokens.redeem(presented.text, client=client)
        return self.services.sessions.resume(presented.text, client=client)

    def _require_one_user(self, all_found: Sequence[SignedIn]) -> None:
        """Revoke the sessions of different users that one browser presents.

        An attacker may have planted one of the credentials. It cannot be told which, so all of
        them are revoked.

        Raises:
            InvalidToken: They are of different users.
        """
        if len({found.user.id for found in all_found}) > 1:
            for found in all_found:
                self.services.sessions.end(found.session.id)
            raise InvalidToken(TWO_PEOPLE)


@lru_cache(maxsize=16)
def _log_foreign(name: str) -> None:
    """Log once for each cookie name what a credential of another app or key may come from."""
    logger.warning(
        "a browser presents a credential under the name %s that another key or app has made; it is "
        "ignored. Apps on one host share cookies, on every port: give each its own "
        "PERSISTAUTH_COOKIE_NAME. After a change of JWT_SECRET_KEY, put the old key into "
        "JWT_PREVIOUS_KEYS",
        name,
    )
