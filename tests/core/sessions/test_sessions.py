import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.support.clock import START
from tests.support.core_app import CLIENT, LIFETIME, CoreApp
from tests.support.forgery import CLAIMS, forge

from streamlit_persistauth.core.secrets import fingerprint, new_id, new_secret
from streamlit_persistauth.core.sessions.sessions import HANDOFF_LIFETIME
from streamlit_persistauth.core.storage.records import TokenType
from streamlit_persistauth.errors import AuthError, InvalidToken, StoreError
from streamlit_persistauth.models import Session, User
from streamlit_persistauth.testing.races import at_once

BROWSER = "the-browser's-own-secret"


@pytest.fixture
def user(core: CoreApp) -> User:
    """A user with an account."""
    return core.add_user()


def refused(call: Callable[..., object], *args: Any, **kwargs: Any) -> str:  # noqa: ANN401
    """Assert that a call raises InvalidToken, and return the reason."""
    with pytest.raises(InvalidToken) as caught:
        call(*args, **kwargs)
    return caught.value.reason


def test_start(core: CoreApp, user: User) -> None:
    """A session starts now, expires after its lifetime, and has the origin of the sign-in."""
    session = core.start(user)
    assert session == Session(
        session.id,
        user.id,
        START,
        START + LIFETIME,
        START,
        remember=True,
        ip_address=CLIENT.ip_address,
        user_agent=CLIENT.user_agent,
    )
    assert core.sessions.live(user.id) == [session]


def test_issue_and_resume(core: CoreApp, user: User) -> None:
    """A credential signs its user in until the session expires."""
    session_id = core.sign_in(user)
    credential = core.sessions.issue(session_id)
    assert credential.expires_at == START + LIFETIME
    signed_in = core.sessions.resume(credential.text)
    assert (signed_in.user, signed_in.session.id) == (user, session_id)
    assert core.sessions.resume_session(session_id) == signed_in


def test_shows_whether_it_is_remembered(core: CoreApp, user: User) -> None:
    """A session shows whether a browser may keep a credential."""
    assert not core.start(user, remember=False).remember


@pytest.mark.parametrize("wanted", [False, True])
def test_email_claim(wanted: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """A credential contains the current address if a setting enables it."""
    core = CoreApp(email_claim=wanted)
    user = core.add_user()
    core.users.update(user.id, {"email": "countess@example.com"})
    payload = core.sessions.issue(core.sign_in(user)).text.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert claims.get("email") == ("countess@example.com" if wanted else None)


def test_end_says_whether(core: CoreApp, user: User) -> None:
    """Revoking a session returns whether it existed."""
    session_id = core.sign_in(user)
    assert core.sessions.end(session_id)
    assert not core.sessions.end(session_id)


def test_busy(core: CoreApp, user: User) -> None:
    """A session that others keep changing raises StoreError with a sentence."""
    session_id = core.sign_in(user)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.tokens, "swap", lambda _old, _new: False, raising=False)
        with pytest.raises(StoreError) as caught:
            core.sessions.issue(session_id)
    assert caught.value.message == "Sign-in is busy right now. Please try again."


def test_credential_shows_nothing(core: CoreApp, user: User) -> None:
    """The repr of a credential does not contain its text."""
    credential = core.sessions.issue(core.sign_in(user))
    assert credential.text not in repr(credential)


def test_only_a_fingerprint_is_stored(core: CoreApp, user: User) -> None:
    """The store never gets the secret of a credential or of a handoff code."""
    session_id = core.sign_in(user)
    credential = core.sessions.issue(session_id)
    code = core.sessions.hand_off(session_id, user.id, browser=BROWSER)
    claims = core.signer.verify(credential.text)
    assert fingerprint(claims.token_id) in core.tokens.given
    assert fingerprint(code) in core.tokens.given
    for secret in (claims.token_id, code, BROWSER, credential.text):
        assert secret not in core.tokens.given


def test_nothing_counts_before_it_is_issued(core: CoreApp, user: User) -> None:
    """A session without a credential has no secret that could be guessed."""
    session_id = core.sign_in(user)
    token = forge(payload={**CLAIMS, "sub": user.id, "sid": session_id, "jti": ""})
    refused(core.sessions.resume, token)


def test_issue_again(core: CoreApp, user: User) -> None:
    """A second credential of one session replaces the first one immediately."""
    session_id = core.sign_in(user)
    first = core.sessions.issue(session_id)
    second = core.sessions.issue(session_id)
    assert core.sessions.resume(second.text).user == user
    assert refused(core.sessions.resume, first.text) == "reused"


def test_not_remembered(core: CoreApp, user: User) -> None:
    """A session that is not remembered gives no credential, in neither way."""
    session_id = core.sign_in(user, remember=False)
    assert refused(core.sessions.issue, session_id) == "not remembered"
    code = core.sessions.hand_off(session_id, user.id, browser=BROWSER)
    assert refused(core.sessions.redeem, code, browser=BROWSER) == "not remembered"
    assert core.sessions.resume_session(session_id).user == user


def test_expiry(core: CoreApp, user: User) -> None:
    """A session is valid until the moment it expires, with every method."""
    session_id = core.sign_in(user)
    credential = core.sessions.issue(session_id)
    core.clock.now = START + LIFETIME - timedelta(seconds=1)
    assert core.sessions.resume(credential.text).user == user
    core.clock.move(seconds=1)
    refused(core.sessions.resume, credential.text)
    assert refused(core.sessions.resume_session, session_id) == "expired"
    assert refused(core.sessions.issue, session_id) == "ended"
    assert core.sessions.live(user.id) == []


def test_record_decides_over_the_token(core: CoreApp, user: User) -> None:
    """A token with a later `exp` does not outlive the record."""
    session_id = core.sign_in(user)
    claims = core.signer.verify(core.sessions.issue(session_id).text)
    longer = core.signer.sign(replace(claims, expires_at=claims.expires_at + timedelta(days=99)))
    assert core.sessions.resume(longer).user == user
    core.clock.move(hours=24)
    assert refused(core.sessions.resume, longer) == "expired"


def test_end(core: CoreApp, user: User) -> None:
    """A revoked session is rejected by every method, and revoking it again returns False."""
    session_id = core.sign_in(user)
    other = core.sign_in(user)
    credential = core.sessions.issue(session_id)
    code = core.sessions.hand_off(session_id, user.id, browser=BROWSER)
    assert core.sessions.end(session_id) is True
    assert refused(core.sessions.resume, credential.text) == "ended"
    assert refused(core.sessions.resume_session, session_id) == "ended"
    assert refused(core.sessions.issue, session_id) == "ended"
    refused(core.sessions.redeem, code, browser=BROWSER)
    assert core.sessions.end(session_id) is False
    assert [session.id for session in core.sessions.live(user.id)] == [other]


def test_every_spelling_is_ended(core: CoreApp, user: User) -> None:
    """After revocation no other token with the same claims is valid."""
    session_id = core.sign_in(user)
    claims = core.signer.verify(core.sessions.issue(session_id).text)
    core.sessions.end(session_id)
    again = core.signer.sign(replace(claims, expires_at=claims.expires_at + timedelta(seconds=1)))
    assert refused(core.sessions.resume, again) == "ended"


def test_end_user(core: CoreApp, user: User) -> None:
    """All sessions of a user except the kept one are revoked; those of other users remain."""
    bob = core.add_user("bob@example.com")
    mine, other, bobs = core.sign_in(user), core.sign_in(user), core.sign_in(bob)
    core.sessions.end_user(user.id, keep=mine)
    assert core.sessions.resume_session(mine).user == user
    assert refused(core.sessions.resume_session, other) == "ended"
    core.sessions.end_user(user.id)
    assert refused(core.sessions.resume_session, mine) == "ended"
    assert core.sessions.resume_session(bobs).user == bob


def test_end_user_ends_handoffs(core: CoreApp, user: User) -> None:
    """A handoff code from before "sign out everywhere" is not valid after it."""
    session_id = core.sign_in(user)
    code = core.sessions.hand_off(session_id, user.id, browser=BROWSER)
    core.sessions.end_user(user.id)
    refused(core.sessions.redeem, code, browser=BROWSER)


def test_disabled_user(core: CoreApp, user: User) -> None:
    """A disabled user is signed out at the next run, and may sign in after being enabled."""
    session_id = core.sign_in(user)
    credential = core.sessions.issue(session_id)
    core.change_user(user.id, is_active=False)
    assert refused(core.sessions.resume, credential.text) == "no active user"
    assert refused(core.sessions.resume_session, session_id) == "no active user"


def test_deleted_user(core: CoreApp, user: User) -> None:
    """A deleted user is signed out, even if the store kept the session."""
    session_id = core.sign_in(user)
    credential = core.sessions.issue(session_id)
    core.users.delete(user.id)
    either = {"no active user", "ended"}
    assert refused(core.sessions.resume, credential.text) in either
    assert refused(core.sessions.resume_session, session_id) in either


def test_user_is_read_fresh(core: CoreApp, user: User) -> None:
    """Name and roles are read from the store, not from the sign-in."""
    session_id = core.sign_in(user)
    credential = core.sessions.issue(session_id)
    core.change_user(user.id, roles=("admin",), full_name="Ada King")
    current = core.sessions.resume(credential.text).user
    assert (current.roles, current.full_name) == (("admin",), "Ada King")


@pytest.mark.parametrize("claim", ["subject", "session_id"])
def test_mismatch(core: CoreApp, user: User, claim: str) -> None:
    """A signed token whose user or session differs from its record is rejected."""
    bob = core.add_user("bob@example.com")
    bobs = core.sign_in(bob)
    claims = core.signer.verify(core.sessions.issue(core.sign_in(user)).text)
    others = {
        "subject": replace(claims, subject=bob.id),
        "session_id": replace(claims, session_id=bobs),
    }
    token = core.signer.sign(others[claim])
    assert refused(core.sessions.resume, token) == "mismatch"


def test_handoff_code_is_no_credential(core: CoreApp, user: User) -> None:
    """A token signed around the secret of a handoff code is rejected."""
    session_id = core.sign_in(user)
    code = core.sessions.hand_off(session_id, user.id, browser=BROWSER)
    token = forge(payload={**CLAIMS, "sub": user.id, "sid": session_id, "jti": code})
    assert refused(core.sessions.resume, token) == "reused"


def test_credential_is_no_handoff_code(core: CoreApp, user: User) -> None:
    """The secret of a credential is no handoff code, and trying it revokes nothing."""
    credential = core.sessions.issue(core.sign_in(user))
    token_id = core.signer.verify(credential.text).token_id
    assert refused(core.sessions.redeem, token_id, browser=BROWSER) == "unknown handoff code"
    assert core.sessions.resume(credential.text).user == user


def test_redeem(core: CoreApp, user: User) -> None:
    """A handoff code gives its browser the credential, once."""
    session_id = core.sign_in(user)
    code = core.sessions.hand_off(session_id, user.id, browser=BROWSER)
    credential = core.sessions.redeem(code, browser=BROWSER)
    assert core.sessions.resume(credential.text).session.id == session_id
    assert refused(core.sessions.redeem, code, browser=BROWSER) == "unknown handoff code"
    assert core.sessions.resume(credential.text).user == user


def test_redeem_late(core: CoreApp, user: User) -> None:
    """A handoff code is valid for less than a minute."""
    assert timedelta(seconds=60) > HANDOFF_LIFETIME
    session_id = core.sign_in(user)
    early = core.sessions.hand_off(session_id, user.id, browser=BROWSER)
    late = core.sessions.hand_off(session_id, user.id, browser=BROWSER)
    core.clock.now = START + HANDOFF_LIFETIME - timedelta(seconds=1)
    core.sessions.redeem(early, browser=BROWSER)
    core.clock.move(seconds=1)
    assert refused(core.sessions.redeem, late, browser=BROWSER) == "handoff code expired"


def test_redeem_elsewhere(core: CoreApp, user: User) -> None:
    """Another browser gets no credential, and the attempt uses up the code."""
    code = core.sessions.hand_off(core.sign_in(user), user.id, browser=BROWSER)
    reason = refused(core.sessions.redeem, code, browser="another browser")
    assert reason == "handoff code of another browser"
    assert refused(core.sessions.redeem, code, browser=BROWSER) == "unknown handoff code"


@pytest.mark.parametrize("code", ["", "x", "../", "é", "\ud800", "x" * 10_000])
def test_redeem_nonsense(core: CoreApp, user: User, code: str) -> None:
    """Any text that is no code raises InvalidToken and nothing else."""
    core.sign_in(user)
    assert refused(core.sessions.redeem, code, browser=BROWSER) == "unknown handoff code"


def test_redeem_at_once(core: CoreApp, user: User) -> None:
    """Of twenty threads with one handoff code, one gets the credential."""
    code = core.sessions.hand_off(core.sign_in(user), user.id, browser=BROWSER)

    def redeem() -> str | None:
        try:
            return core.sessions.redeem(code, browser=BROWSER).text
        except InvalidToken:
            return None

    credentials = [text for text in at_once(*[redeem] * 20) if text]
    assert len(credentials) == 1
    assert core.sessions.resume(credentials[0]).user == user


def test_list_is_newest_first(core: CoreApp, user: User) -> None:
    """The sessions of one user are listed newest first."""
    first = core.sign_in(user)
    core.clock.move(minutes=1)
    second = core.sign_in(user)
    core.sign_in(core.add_user("bob@example.com"))
    assert [session.id for session in core.sessions.live(user.id)] == [second, first]


def test_unknown(core: CoreApp) -> None:
    """Unknown ids are rejected."""
    assert refused(core.sessions.resume_session, new_id()) == "ended"
    assert refused(core.sessions.resume_session, "") == "ended"
    assert refused(core.sessions.issue, new_id()) == "ended"
    assert refused(core.sessions.redeem, new_secret(), browser=BROWSER) == "unknown handoff code"


def test_handoff_row_is_no_session(core: CoreApp, user: User) -> None:
    """The handoff row of a deleted session signs no user in."""
    session_id = core.sign_in(user)
    code = core.sessions.hand_off(session_id, user.id, browser=BROWSER)
    row = core.tokens.find_session(session_id)
    assert core.tokens.consume(TokenType.SESSION, row.token_hash)
    assert refused(core.sessions.resume_session, session_id) == "ended"
    assert refused(core.sessions.redeem, code, browser=BROWSER) == "ended"


WAYS: dict[str, Callable[[CoreApp, str, str, str], object]] = {
    "resume": lambda core, _session, text, _code: core.sessions.resume(text),
    "resume_session": lambda core, session, _text, _code: core.sessions.resume_session(session),
    "issue": lambda core, session, _text, _code: core.sessions.issue(session),
    "redeem": lambda core, _session, _text, code: core.sessions.redeem(code, browser=BROWSER),
    "end": lambda core, session, _text, _code: core.sessions.end(session),
}


@pytest.mark.parametrize("store", ["tokens", "users"])
@pytest.mark.parametrize("way", WAYS)
def test_store_that_fails_at_any_call(core: CoreApp, user: User, way: str, store: str) -> None:
    """A failing store raises StoreError and never signs a user in, whichever call fails."""
    session_id = core.sign_in(user)
    failing = {"tokens": core.tokens, "users": core.users}[store]
    for call in range(5):
        failing.reset()
        code = core.sessions.hand_off(session_id, user.id, browser=BROWSER)
        text = core.sessions.issue(session_id).text
        failing.reset(fail_at=call)
        try:
            WAYS[way](core, session_id, text, code)
        except StoreError:
            continue
        except AuthError:
            pytest.fail("a failing store was taken for a verdict")
        # The deletion of a spent code may fail: it expires, and gives the same credential.
        assert set(failing.calls[call:]) <= {"consume"}
        break
    else:
        pytest.fail("more calls than expected")


def test_failing_store_ends_nothing(core: CoreApp, user: User) -> None:
    """A session survives the failure of a store."""
    session_id = core.sign_in(user)
    text = core.sessions.issue(session_id).text
    core.tokens.reset(fail_at=0)
    with pytest.raises(StoreError):
        core.sessions.resume(text)
    with pytest.raises(StoreError):
        core.sessions.end(session_id)
    core.tokens.reset()
    assert core.sessions.resume(text).user == user


def test_one_read_of_each_store(core: CoreApp, user: User) -> None:
    """Resuming reads each store once."""
    text = core.sessions.issue(core.sign_in(user)).text
    core.tokens.reset()
    core.users.reset()
    core.sessions.resume(text)
    assert (core.tokens.calls, core.users.calls) == (["find"], ["get"])


def test_forged_tokens_ask_no_store(core: CoreApp) -> None:
    """A token with an invalid signature is rejected without reading a store."""
    core.tokens.reset()
    for text in ("", "x" * 10_000_000, forge(key="x" * 40), forge() + "="):
        refused(core.sessions.resume, text)
    assert core.tokens.calls == []


def test_end_own(core: CoreApp, user: User) -> None:
    """A user can revoke their own session by its id, and no other user's."""
    other = core.add_user("bob@example.com")
    mine, theirs = core.sign_in(user), core.sign_in(other)
    assert not core.sessions.end_own(user.id, theirs)
    assert not core.sessions.end_own(user.id, "forged")
    assert not core.sessions.end_own(user.id, "")
    assert core.sessions.find_live({mine, theirs}) == {mine, theirs}
    assert core.sessions.end_own(user.id, mine)
    assert core.sessions.find_live({mine, theirs}) == {theirs}


@pytest.mark.parametrize("change", [{"is_active": False}, {"security_stamp": "another"}, None])
def test_live_needs_an_account(core: CoreApp, user: User, change: dict[str, object] | None) -> None:
    """A session is live only while its account exists, is active and has the same stamp."""
    bob = core.add_user("bob@example.com")
    mine, theirs = core.sign_in(user), core.sign_in(bob)
    if change is None:
        core.users.delete(user.id)
    else:
        core.change_user(user.id, **change)
    assert core.sessions.find_live({mine, theirs}) == {theirs}


def test_live_is_read_at_once(core: CoreApp, user: User) -> None:
    """Any number of sessions takes one read of each store."""
    mine = {core.sign_in(user) for _ in range(5)}
    core.tokens.reset()
    core.users.reset()
    assert core.sessions.find_live(mine) == mine
    assert core.tokens.calls == ["find_sessions"]
    assert core.users.calls == ["get_many"]


def test_peek(core: CoreApp, user: User) -> None:
    """Peeking returns the same as resuming, and does not update the time of the last use."""
    session_id = core.sign_in(user)
    core.clock.move(minutes=10)
    peeked = core.sessions.peek(session_id)
    assert core.sessions.live(user.id)[0].last_used_at == START
    assert core.sessions.resume_session(session_id) == peeked
    assert core.sessions.live(user.id)[0].last_used_at == core.clock.now
    core.sessions.end(session_id)
    assert refused(core.sessions.peek, session_id) == "ended"


@pytest.mark.parametrize("change", [{"is_active": False}, {"security_stamp": "another"}])
def test_peek_at_an_invalid_session(core: CoreApp, user: User, change: dict[str, object]) -> None:
    """Peeking rejects what resuming would reject."""
    session_id = core.sign_in(user)
    core.change_user(user.id, **change)
    assert refused(core.sessions.peek, session_id) == refused(
        core.sessions.resume_session, session_id
    )
