"""Resume the session of a connection, from its visitor state or from a presented credential."""

from dataclasses import dataclass
from datetime import timedelta

from streamlit_persistauth.caches.base import CacheBackend, PresentedCredential
from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.core.sessions.sessions import SignedIn
from streamlit_persistauth.errors import InvalidToken
from streamlit_persistauth.models import Session
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.page_tasks import PageTasks
from streamlit_persistauth.runtime.gc_pauses import postpone_collection
from streamlit_persistauth.runtime.script_run import is_activity
from streamlit_persistauth.signin.browser_credentials import TWO_PEOPLE, BrowserCredentials
from streamlit_persistauth.signin.credential_issuers import NewCredential, RenewedCredential
from streamlit_persistauth.wiring.services import Services


@dataclass(frozen=True, slots=True)
class Resumption:
    """Finds the session that a run continues, and has the browser renew or forget its credential.

    Attributes:
        services: The services of the app.
        credentials: Reads what the browser presents.
    """

    services: Services
    credentials: BrowserCredentials

    @property
    def page_tasks(self) -> PageTasks:
        """Has the page store or delete a credential; most runs need none."""
        return PageTasks(self.services.cookies.name, self.services.clock)

    def resume(self, context: RequestContext) -> SignedIn | None:
        """Return the session of this connection: bound to it, or presented in its handshake.

        Raises:
            InvalidToken: The session, or each presented credential, is invalid.
            StoreError: The store did not answer.
        """
        bound = context.bound
        return self._present(context) if bound is None else self._continue(bound, context)

    def is_waiting(self, context: RequestContext) -> bool:
        """Return whether the browser was asked for its credential and may still answer."""
        question = context.visitor.question
        if question is None or question.answered:
            return False
        if question.connection_id != context.handshake.connection_id:
            return False
        limit = timedelta(seconds=self.services.settings.answer_seconds)
        return self.services.clock() < question.since + limit

    def refuse(self, refusal: InvalidToken, context: RequestContext) -> None:
        """Have the browser delete an invalid credential, and record it; once on a connection.

        The handshake does not change, so later runs see the same credential again. If a user was
        signed in on this page before, the browser may hold a newer credential, which another tab
        has written; so the page deletes only what a browser presents at its first visit. It deletes
        nothing that a server with another time may accept.
        """
        context.reject()
        handshake, visitor = context.handshake, context.visitor
        if visitor.refused_on == handshake.connection_id is not None:
            return
        visitor.refused_on = handshake.connection_id
        is_first_visit = visitor.welcomed is None and not context.follows_end
        clears = refusal.is_final and (is_first_visit or refusal.reason == TWO_PEOPLE)
        task = self.services.cache.forget(context) if clears else None
        self.page_tasks.assign(task, context)
        self.services.events.record(
            EventType.TOKEN_REFUSED, client=handshake.client, reason=refusal.reason
        )

    def revoke_held(self, context: RequestContext) -> None:
        """Revoke the session that is bound to this connection or presented by it."""
        held = context.bound or self._presented(context)
        if held is not None:
            self.services.sessions.end(held)

    def _continue(self, bound: str, context: RequestContext) -> SignedIn:
        """Return a session that was authenticated on this connection, or from this browser."""
        sessions = self.services.sessions
        found = sessions.resume_session(bound) if is_activity() else sessions.peek(bound)
        if self.is_waiting(context):
            # A credential that the browser sends only now has to be of the same user.
            self.credentials.require_same_user(found, context)
        context.bind(bound)
        url_token = context.visitor.url_token
        if url_token is not None and self.services.clock() >= url_token.renew_at:
            self._keep(self.services.cache, found.session, context)
        return found

    def _present(self, context: RequestContext) -> SignedIn | None:
        """Return the session of the credential that the browser presents, and bind it."""
        presented = self.credentials.first(context)
        if presented is None:
            return None
        postpone_collection()
        first, found = presented
        # The browser's credential may be renewed while the handshake still has the old one: from
        # now on this connection is known by its session.
        context.bind(found.session.id)
        if first.keeper is not None:
            self._renew(first, first.keeper, found.session, context)
        return found

    def _renew(
        self,
        presented: PresentedCredential,
        keeper: CacheBackend,
        session: Session,
        context: RequestContext,
    ) -> None:
        """Replace a spent URL token, or a credential that is due for renewal."""
        if presented.is_url_token:
            self._keep(keeper, session, context)
            return
        credential = self.services.sessions.renew(presented.text)
        if credential is not None:
            self.page_tasks.assign(keeper.keep(RenewedCredential(credential), context), context)

    def _keep(self, keeper: CacheBackend, session: Session, context: RequestContext) -> None:
        """Have the page store a new credential of a session."""
        issuer = NewCredential(self.services, session, context.handshake.client)
        self.page_tasks.assign(keeper.keep(issuer, context), context)

    def _presented(self, context: RequestContext) -> str | None:
        """Return the id of the session whose credential the browser presents, if one is valid."""
        try:
            presented = self.credentials.first(context)
        except InvalidToken:
            return None
        return presented[1].session.id if presented else None
