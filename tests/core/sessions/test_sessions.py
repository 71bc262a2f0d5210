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
    """Somebody with an account."""
    return core.add_user()


def refused(call: Callable[..., object], *args: Any, **kwargs: Any) -> str:  # noqa: ANN401
    """Hold that a call refuses, and return why."""
    with pytest.raises(InvalidToken) as caught:
        call(*args, **kwargs)
    return caught.value.reason


def test_start(core: CoreApp, user: User) -> None:
    """A sign-in begins now, ends after its lifetime, and knows where it came from."""
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
    """A credential signs in whom it was made for, and ends when its sign-in ends."""
    session_id = core.sign_in(user)
    credential = core.sessions.issue(session_id)
    assert credential.expires_at == START + LIFETIME
    signed_in = core.sessions.resume(credential.text)
    assert (signed_in.user, signed_in.session.id) == (user, session_id)
    assert core.sessions.resume_session(session_id) == signed_in


def test_shows_whether_it_is_remembered(core: CoreApp, user: User) -> None:
    """What an app sees of a sign-in says whether a browser may keep it."""
    assert not core.start(user, remember=False).remember


@pytest.mark.parametrize("wanted", [False, True])
def test_email_claim(wanted: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """A credential names the address where that is wanted, and then the present one."""
    core = CoreApp(email_claim=wanted)
    user = core.add_user()
    core.users.update(user.id, {"email": "countess@example.com"})
    payload = core.sessions.issue(core.sign_in(user)).text.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert claims.get("email") == ("countess@example.com" if wanted else None)


def test_end_says_whether(core: CoreApp, user: User) -> None:
    """Ending a sign-in says whether there was one."""
    session_id = core.sign_in(user)
    assert core.sessions.end(session_id)
    assert not core.sessions.end(session_id)


def test_busy(core: CoreApp, user: User) -> None:
    """A sign-in that others change without end is unavailable, and says so in a sentence."""
    session_id = core.sign_in(user)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.tokens, "swap", lambda _old, _new: False, raising=False)
        with pytest.raises(StoreError) as caught:
            core.sessions.issue(session_id)
    assert caught.value.message == "Sign-in is busy right now. Please try again."


def test_credential_shows_nothing(core: CoreApp, user: User) -> None:
    """The repr of a credential does not hold its text."""
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
    """A sign-in that no credential was made for has no secret that could be guessed."""
    session_id = core.sign_in(user)
    token = forge(payload={**CLAIMS, "sub": user.id, "sid": session_id, "jti": ""})
    refused(core.sessions.resume, token)


def test_issue_again(core: CoreApp, user: User) -> None:
    """A second credential of one sign-in takes the first one's place at once."""
    session_id = core.sign_in(user)
    first = core.sessions.issue(session_id)
    second = core.sessions.issue(session_id)
    assert core.sessions.resume(second.text).user == user
    assert refused(core.sessions.resume, first.text) == "reused"


def test_not_remembered(core: CoreApp, user: User) -> None:
    """A sign-in that is not to be remembered gives no credential, in neither way."""
    session_id = core.sign_in(user, remember=False)
    assert refused(core.sessions.issue, session_id) == "not remembered"
    code = core.sessions.hand_off(session_id, user.id, browser=BROWSER)
    assert refused(core.sessions.redeem, code, browser=BROWSER) == "not remembered"
    assert core.sessions.resume_session(session_id).user == user


def test_expiry(core: CoreApp, user: User) -> None:
    """A sign-in counts until the moment it expires, in every way of asking."""
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
    """A token whose `exp` says later than the record does not outlive the record."""
    session_id = core.sign_in(user)
    claims = core.signer.verify(core.sessions.issue(session_id).text)
    longer = core.signer.sign(replace(claims, expires_at=claims.expires_at + timedelta(days=99)))
    assert core.sessions.resume(longer).user == user
    core.clock.move(hours=24)
    assert refused(core.sessions.resume, longer) == "expired"


def test_end(core: CoreApp, user: User) -> None:
    """A sign-in that was ended is refused in every way of asking, and ending it again is no."""
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
    """After the end no other token with the same claims counts: it is the record that is gone."""
    session_id = core.sign_in(user)
    claims = core.signer.verify(core.sessions.issue(session_id).text)
    core.sessions.end(session_id)
    again = core.signer.sign(replace(claims, expires_at=claims.expires_at + timedelta(seconds=1)))
    assert refused(core.sessions.resume, again) == "ended"


def test_end_user(core: CoreApp, user: User) -> None:
    """All sign-ins of a user end but the one that is kept; another user's stay."""
    bob = core.add_user("bob@example.com")
    mine, other, bobs = core.sign_in(user), core.sign_in(user), core.sign_in(bob)
    core.sessions.end_user(user.id, keep=mine)
    assert core.sessions.resume_session(mine).user == user
    assert refused(core.sessions.resume_session, other) == "ended"
    core.sessions.end_user(user.id)
    assert refused(core.sessions.resume_session, mine) == "ended"
    assert core.sessions.resume_session(bobs).user == bob


def test_end_user_ends_handoffs(core: CoreApp, user: User) -> None:
    """A handoff code made before "sign out everywhere" gives nothing after it."""
    session_id = core.sign_in(user)
    code = core.sessions.hand_off(session_id, user.id, browser=BROWSER)
    core.sessions.end_user(user.id)
    refused(core.sessions.redeem, code, browser=BROWSER)


def test_disabled_user(core: CoreApp, user: User) -> None:
    """A disabled user is signed out at the next run, and may come back when enabled."""
    session_id = core.sign_in(user)
    credential = core.sessions.issue(session_id)
    core.change_user(user.id, is_active=False)
    assert refused(core.sessions.resume, credential.text) == "no active user"
    assert refused(core.sessions.resume_session, session_id) == "no active user"


def test_deleted_user(core: CoreApp, user: User) -> None:
    """A user who is gone is signed out, also where the store kept the sign-in."""
    session_id = core.sign_in(user)
    credential = core.sessions.issue(session_id)
    core.users.delete(user.id)
    either = {"no active user", "ended"}
    assert refused(core.sessions.resume, credential.text) in either
    assert refused(core.sessions.resume_session, session_id) in either


def test_user_is_read_fresh(core: CoreApp, user: User) -> None:
    """Name and roles are those of this moment, not those of the sign-in."""
    session_id = core.sign_in(user)
    credential = core.sessions.issue(session_id)
    core.change_user(user.id, roles=("admin",), full_name="Ada King")
    fresh = core.sessions.resume(credential.text).user
    assert (fresh.roles, fresh.full_name) == (("admin",), "Ada King")


@pytest.mark.parametrize("claim", ["subject", "session_id"])
def test_mismatch(core: CoreApp, user: User, claim: str) -> None:
    """A signed token whose user or sign-in is not the one of its record is refused."""
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
    """A token signed around the secret of a handoff code is refused: it is another type."""
    session_id = core.sign_in(user)
    code = core.sessions.hand_off(session_id, user.id, browser=BROWSER)
    token = forge(payload={**CLAIMS, "sub": user.id, "sid": session_id, "jti": code})
    assert refused(core.sessions.resume, token) == "reused"


def test_credential_is_no_handoff_code(core: CoreApp, user: User) -> None:
    """The secret of a credential is no handoff code, and trying it ends nothing."""
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
    """A handoff code lives under a minute."""
    assert timedelta(seconds=60) > HANDOFF_LIFETIME
    session_id = core.sign_in(user)
    early = core.sessions.hand_off(session_id, user.id, browser=BROWSER)
    late = core.sessions.hand_off(session_id, user.id, browser=BROWSER)
    core.clock.now = START + HANDOFF_LIFETIME - timedelta(seconds=1)
    core.sessions.redeem(early, browser=BROWSER)
    core.clock.move(seconds=1)
    assert refused(core.sessions.redeem, late, browser=BROWSER) == "handoff code expired"


def test_redeem_elsewhere(core: CoreApp, user: User) -> None:
    """Another browser gets nothing for a code, and the code is spent by the attempt."""
    code = core.sessions.hand_off(core.sign_in(user), user.id, browser=BROWSER)
    reason = refused(core.sessions.redeem, code, browser="another browser")
    assert reason == "handoff code of another browser"
    assert refused(core.sessions.redeem, code, browser=BROWSER) == "unknown handoff code"


@pytest.mark.parametrize("code", ["", "x", "../", "é", "\ud800", "x" * 10_000])
def test_redeem_nonsense(core: CoreApp, user: User, code: str) -> None:
    """Any text that is no code is refused, without another exception than ours."""
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
    """A user's sign-ins are listed newest first, without those of anybody else."""
    first = core.sign_in(user)
    core.clock.move(minutes=1)
    second = core.sign_in(user)
    core.sign_in(core.add_user("bob@example.com"))
    assert [session.id for session in core.sessions.live(user.id)] == [second, first]


def test_unknown(core: CoreApp) -> None:
    """Ids that nobody has are refused."""
    assert refused(core.sessions.resume_session, new_id()) == "ended"
    assert refused(core.sessions.resume_session, "") == "ended"
    assert refused(core.sessions.issue, new_id()) == "ended"
    assert refused(core.sessions.redeem, new_secret(), browser=BROWSER) == "unknown handoff code"


def test_handoff_row_is_no_session(core: CoreApp, user: User) -> None:
    """The id of a sign-in whose session row is gone signs nobody in by its handoff row."""
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
    """A store that fails, at whichever call, is told as StoreError and never signs in."""
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
        assert len(failing.calls) <= call
        break
    else:
        pytest.fail("more calls than expected")


def test_failing_store_ends_nothing(core: CoreApp, user: User) -> None:
    """A sign-in outlives the failure of a store."""
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
    """Resuming is one read of the sign-ins and one of the users."""
    text = core.sessions.issue(core.sign_in(user)).text
    core.tokens.reset()
    core.users.reset()
    core.sessions.resume(text)
    assert (core.tokens.calls, core.users.calls) == (["find"], ["get"])


def test_forged_tokens_ask_no_store(core: CoreApp) -> None:
    """A token that we did not sign is refused before any store is asked."""
    core.tokens.reset()
    for text in ("", "x" * 10_000_000, forge(key="x" * 40), forge() + "="):
        refused(core.sessions.resume, text)
    assert core.tokens.calls == []


def test_end_own(core: CoreApp, user: User) -> None:
    """A user ends their own sign-in by its id, and nobody else's."""
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
    """A sign-in is live only while its account exists, is active and has the same stamp."""
    bob = core.add_user("bob@example.com")
    mine, theirs = core.sign_in(user), core.sign_in(bob)
    if change is None:
        core.users.delete(user.id)
    else:
        core.change_user(user.id, **change)
    assert core.sessions.find_live({mine, theirs}) == {theirs}


def test_live_is_read_at_once(core: CoreApp, user: User) -> None:
    """However many sign-ins are asked for, each store is read once."""
    mine = {core.sign_in(user) for _ in range(5)}
    core.tokens.reset()
    core.users.reset()
    assert core.sessions.find_live(mine) == mine
    assert core.tokens.calls == ["find_sessions"]
    assert core.users.calls == ["get_many"]


def test_look_at(core: CoreApp, user: User) -> None:
    """Who only looks at a sign-in is told the same as who uses it, and has not used it."""
    session_id = core.sign_in(user)
    core.clock.move(minutes=10)
    looked = core.sessions.peek(session_id)
    assert core.sessions.live(user.id)[0].last_used_at == START
    assert core.sessions.resume_session(session_id) == looked
    assert core.sessions.live(user.id)[0].last_used_at == core.clock.now
    core.sessions.end(session_id)
    assert refused(core.sessions.peek, session_id) == "ended"


@pytest.mark.parametrize("change", [{"is_active": False}, {"security_stamp": "another"}])
def test_look_at_what_counts_no_more(core: CoreApp, user: User, change: dict[str, object]) -> None:
    """Looking at a sign-in refuses what using it would."""
    session_id = core.sign_in(user)
    core.change_user(user.id, **change)
    assert refused(core.sessions.peek, session_id) == refused(
        core.sessions.resume_session, session_id
    )
