import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.support.clock import START
from tests.support.forgery import CLAIMS, forge
from tests.support.house import CLIENT, LIFETIME, House

from streamlit_persistauth.core.records import TokenType
from streamlit_persistauth.core.secrets import fingerprint, new_id, new_secret
from streamlit_persistauth.core.sessions import HANDOFF_LIFETIME
from streamlit_persistauth.errors import AuthError, InvalidToken, StoreError
from streamlit_persistauth.models import Session, User
from streamlit_persistauth.testing.races import at_once

BROWSER = "the-browser's-own-secret"


@pytest.fixture
def user(house: House) -> User:
    """Somebody with an account."""
    return house.add_user()


def refused(call: Callable[..., object], *args: Any, **kwargs: Any) -> str:  # noqa: ANN401
    """Hold that a call refuses, and return why."""
    with pytest.raises(InvalidToken) as caught:
        call(*args, **kwargs)
    return caught.value.reason


def test_start(house: House, user: User) -> None:
    """A sign-in begins now, ends after its lifetime, and knows where it came from."""
    session = house.start(user)
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
    assert house.sessions.live(user.id) == [session]


def test_issue_and_resume(house: House, user: User) -> None:
    """A credential signs in whom it was made for, and ends when its sign-in ends."""
    session_id = house.sign_in(user)
    credential = house.sessions.issue(session_id)
    assert credential.expires_at == START + LIFETIME
    signed_in = house.sessions.resume(credential.text)
    assert (signed_in.user, signed_in.session.id) == (user, session_id)
    assert house.sessions.resume_session(session_id) == signed_in


def test_shows_whether_it_is_remembered(house: House, user: User) -> None:
    """What an app sees of a sign-in says whether a browser may keep it."""
    assert not house.start(user, remember=False).remember


@pytest.mark.parametrize("wanted", [False, True])
def test_email_claim(wanted: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """A credential names the address where that is wanted, and then the present one."""
    house = House(email_claim=wanted)
    user = house.add_user()
    house.users.update(user.id, {"email": "countess@example.com"})
    payload = house.sessions.issue(house.sign_in(user)).text.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert claims.get("email") == ("countess@example.com" if wanted else None)


def test_end_says_whether(house: House, user: User) -> None:
    """Ending a sign-in says whether there was one."""
    session_id = house.sign_in(user)
    assert house.sessions.end(session_id)
    assert not house.sessions.end(session_id)


def test_busy(house: House, user: User) -> None:
    """A sign-in that others change without end is unavailable, and says so in a sentence."""
    session_id = house.sign_in(user)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.tokens, "swap", lambda _old, _new: False, raising=False)
        with pytest.raises(StoreError) as caught:
            house.sessions.issue(session_id)
    assert caught.value.message == "Sign-in is busy right now. Please try again."


def test_credential_shows_nothing(house: House, user: User) -> None:
    """The repr of a credential does not hold its text."""
    credential = house.sessions.issue(house.sign_in(user))
    assert credential.text not in repr(credential)


def test_only_a_fingerprint_is_stored(house: House, user: User) -> None:
    """The store never gets the secret of a credential or of a handoff code."""
    session_id = house.sign_in(user)
    credential = house.sessions.issue(session_id)
    code = house.sessions.hand_off(session_id, user.id, browser=BROWSER)
    claims = house.signer.verify(credential.text)
    assert fingerprint(claims.token_id) in house.tokens.given
    assert fingerprint(code) in house.tokens.given
    for secret in (claims.token_id, code, BROWSER, credential.text):
        assert secret not in house.tokens.given


def test_nothing_counts_before_it_is_issued(house: House, user: User) -> None:
    """A sign-in that no credential was made for has no secret that could be guessed."""
    session_id = house.sign_in(user)
    token = forge(payload={**CLAIMS, "sub": user.id, "sid": session_id, "jti": ""})
    refused(house.sessions.resume, token)


def test_issue_again(house: House, user: User) -> None:
    """A second credential of one sign-in takes the first one's place at once."""
    session_id = house.sign_in(user)
    first = house.sessions.issue(session_id)
    second = house.sessions.issue(session_id)
    assert house.sessions.resume(second.text).user == user
    assert refused(house.sessions.resume, first.text) == "reused"


def test_not_remembered(house: House, user: User) -> None:
    """A sign-in that is not to be remembered gives no credential, in neither way."""
    session_id = house.sign_in(user, remember=False)
    assert refused(house.sessions.issue, session_id) == "not remembered"
    code = house.sessions.hand_off(session_id, user.id, browser=BROWSER)
    assert refused(house.sessions.redeem, code, browser=BROWSER) == "not remembered"
    assert house.sessions.resume_session(session_id).user == user


def test_expiry(house: House, user: User) -> None:
    """A sign-in counts until the moment it expires, in every way of asking."""
    session_id = house.sign_in(user)
    credential = house.sessions.issue(session_id)
    house.clock.now = START + LIFETIME - timedelta(seconds=1)
    assert house.sessions.resume(credential.text).user == user
    house.clock.move(seconds=1)
    refused(house.sessions.resume, credential.text)
    assert refused(house.sessions.resume_session, session_id) == "expired"
    assert refused(house.sessions.issue, session_id) == "ended"
    assert house.sessions.live(user.id) == []


def test_record_decides_over_the_token(house: House, user: User) -> None:
    """A token whose `exp` says later than the record does not outlive the record."""
    session_id = house.sign_in(user)
    claims = house.signer.verify(house.sessions.issue(session_id).text)
    longer = house.signer.sign(replace(claims, expires_at=claims.expires_at + timedelta(days=99)))
    assert house.sessions.resume(longer).user == user
    house.clock.move(hours=24)
    assert refused(house.sessions.resume, longer) == "expired"


def test_end(house: House, user: User) -> None:
    """A sign-in that was ended is refused in every way of asking, and ending it again is no."""
    session_id = house.sign_in(user)
    other = house.sign_in(user)
    credential = house.sessions.issue(session_id)
    code = house.sessions.hand_off(session_id, user.id, browser=BROWSER)
    assert house.sessions.end(session_id) is True
    assert refused(house.sessions.resume, credential.text) == "ended"
    assert refused(house.sessions.resume_session, session_id) == "ended"
    assert refused(house.sessions.issue, session_id) == "ended"
    refused(house.sessions.redeem, code, browser=BROWSER)
    assert house.sessions.end(session_id) is False
    assert [session.id for session in house.sessions.live(user.id)] == [other]


def test_every_spelling_is_ended(house: House, user: User) -> None:
    """After the end no other token with the same claims counts: it is the record that is gone."""
    session_id = house.sign_in(user)
    claims = house.signer.verify(house.sessions.issue(session_id).text)
    house.sessions.end(session_id)
    again = house.signer.sign(replace(claims, expires_at=claims.expires_at + timedelta(seconds=1)))
    assert refused(house.sessions.resume, again) == "ended"


def test_end_user(house: House, user: User) -> None:
    """All sign-ins of a user end but the one that is kept; another user's stay."""
    bob = house.add_user("bob@example.com")
    mine, other, bobs = house.sign_in(user), house.sign_in(user), house.sign_in(bob)
    house.sessions.end_user(user.id, keep=mine)
    assert house.sessions.resume_session(mine).user == user
    assert refused(house.sessions.resume_session, other) == "ended"
    house.sessions.end_user(user.id)
    assert refused(house.sessions.resume_session, mine) == "ended"
    assert house.sessions.resume_session(bobs).user == bob


def test_end_user_ends_handoffs(house: House, user: User) -> None:
    """A handoff code made before "sign out everywhere" gives nothing after it."""
    session_id = house.sign_in(user)
    code = house.sessions.hand_off(session_id, user.id, browser=BROWSER)
    house.sessions.end_user(user.id)
    refused(house.sessions.redeem, code, browser=BROWSER)


def test_disabled_user(house: House, user: User) -> None:
    """A disabled user is signed out at the next run, and may come back when enabled."""
    session_id = house.sign_in(user)
    credential = house.sessions.issue(session_id)
    house.change_user(user.id, is_active=False)
    assert refused(house.sessions.resume, credential.text) == "no active user"
    assert refused(house.sessions.resume_session, session_id) == "no active user"


def test_deleted_user(house: House, user: User) -> None:
    """A user who is gone is signed out, also where the store kept the sign-in."""
    session_id = house.sign_in(user)
    credential = house.sessions.issue(session_id)
    house.users.delete(user.id)
    either = {"no active user", "ended"}
    assert refused(house.sessions.resume, credential.text) in either
    assert refused(house.sessions.resume_session, session_id) in either


def test_user_is_read_fresh(house: House, user: User) -> None:
    """Name and roles are those of this moment, not those of the sign-in."""
    session_id = house.sign_in(user)
    credential = house.sessions.issue(session_id)
    house.change_user(user.id, roles=("admin",), full_name="Ada King")
    fresh = house.sessions.resume(credential.text).user
    assert (fresh.roles, fresh.full_name) == (("admin",), "Ada King")


@pytest.mark.parametrize("claim", ["subject", "session_id"])
def test_mismatch(house: House, user: User, claim: str) -> None:
    """A signed token whose user or sign-in is not the one of its record is refused."""
    bob = house.add_user("bob@example.com")
    bobs = house.sign_in(bob)
    claims = house.signer.verify(house.sessions.issue(house.sign_in(user)).text)
    others = {
        "subject": replace(claims, subject=bob.id),
        "session_id": replace(claims, session_id=bobs),
    }
    token = house.signer.sign(others[claim])
    assert refused(house.sessions.resume, token) == "mismatch"


def test_handoff_code_is_no_credential(house: House, user: User) -> None:
    """A token signed around the secret of a handoff code is refused: it is another type."""
    session_id = house.sign_in(user)
    code = house.sessions.hand_off(session_id, user.id, browser=BROWSER)
    token = forge(payload={**CLAIMS, "sub": user.id, "sid": session_id, "jti": code})
    assert refused(house.sessions.resume, token) == "reused"


def test_credential_is_no_handoff_code(house: House, user: User) -> None:
    """The secret of a credential is no handoff code, and trying it ends nothing."""
    credential = house.sessions.issue(house.sign_in(user))
    token_id = house.signer.verify(credential.text).token_id
    assert refused(house.sessions.redeem, token_id, browser=BROWSER) == "unknown handoff code"
    assert house.sessions.resume(credential.text).user == user


def test_redeem(house: House, user: User) -> None:
    """A handoff code gives its browser the credential, once."""
    session_id = house.sign_in(user)
    code = house.sessions.hand_off(session_id, user.id, browser=BROWSER)
    credential = house.sessions.redeem(code, browser=BROWSER)
    assert house.sessions.resume(credential.text).session.id == session_id
    assert refused(house.sessions.redeem, code, browser=BROWSER) == "unknown handoff code"
    assert house.sessions.resume(credential.text).user == user


def test_redeem_late(house: House, user: User) -> None:
    """A handoff code lives under a minute."""
    assert timedelta(seconds=60) > HANDOFF_LIFETIME
    session_id = house.sign_in(user)
    early = house.sessions.hand_off(session_id, user.id, browser=BROWSER)
    late = house.sessions.hand_off(session_id, user.id, browser=BROWSER)
    house.clock.now = START + HANDOFF_LIFETIME - timedelta(seconds=1)
    house.sessions.redeem(early, browser=BROWSER)
    house.clock.move(seconds=1)
    assert refused(house.sessions.redeem, late, browser=BROWSER) == "handoff code expired"


def test_redeem_elsewhere(house: House, user: User) -> None:
    """Another browser gets nothing for a code, and the code is spent by the attempt."""
    code = house.sessions.hand_off(house.sign_in(user), user.id, browser=BROWSER)
    reason = refused(house.sessions.redeem, code, browser="another browser")
    assert reason == "handoff code of another browser"
    assert refused(house.sessions.redeem, code, browser=BROWSER) == "unknown handoff code"


@pytest.mark.parametrize("code", ["", "x", "../", "é", "\ud800", "x" * 10_000])
def test_redeem_nonsense(house: House, user: User, code: str) -> None:
    """Any text that is no code is refused, without another exception than ours."""
    house.sign_in(user)
    assert refused(house.sessions.redeem, code, browser=BROWSER) == "unknown handoff code"


def test_redeem_at_once(house: House, user: User) -> None:
    """Of twenty threads with one handoff code, one gets the credential."""
    code = house.sessions.hand_off(house.sign_in(user), user.id, browser=BROWSER)

    def redeem() -> str | None:
        try:
            return house.sessions.redeem(code, browser=BROWSER).text
        except InvalidToken:
            return None

    credentials = [text for text in at_once(*[redeem] * 20) if text]
    assert len(credentials) == 1
    assert house.sessions.resume(credentials[0]).user == user


def test_list_is_newest_first(house: House, user: User) -> None:
    """A user's sign-ins are listed newest first, without those of anybody else."""
    first = house.sign_in(user)
    house.clock.move(minutes=1)
    second = house.sign_in(user)
    house.sign_in(house.add_user("bob@example.com"))
    assert [session.id for session in house.sessions.live(user.id)] == [second, first]


def test_unknown(house: House) -> None:
    """Ids that nobody has are refused."""
    assert refused(house.sessions.resume_session, new_id()) == "ended"
    assert refused(house.sessions.resume_session, "") == "ended"
    assert refused(house.sessions.issue, new_id()) == "ended"
    assert refused(house.sessions.redeem, new_secret(), browser=BROWSER) == "unknown handoff code"


def test_handoff_row_is_no_session(house: House, user: User) -> None:
    """The id of a sign-in whose session row is gone signs nobody in by its handoff row."""
    session_id = house.sign_in(user)
    code = house.sessions.hand_off(session_id, user.id, browser=BROWSER)
    row = house.tokens.find_session(session_id)
    assert house.tokens.consume(TokenType.SESSION, row.token_hash)
    assert refused(house.sessions.resume_session, session_id) == "ended"
    assert refused(house.sessions.redeem, code, browser=BROWSER) == "ended"


WAYS: dict[str, Callable[[House, str, str, str], object]] = {
    "resume": lambda house, _session, text, _code: house.sessions.resume(text),
    "resume_session": lambda house, session, _text, _code: house.sessions.resume_session(session),
    "issue": lambda house, session, _text, _code: house.sessions.issue(session),
    "redeem": lambda house, _session, _text, code: house.sessions.redeem(code, browser=BROWSER),
    "end": lambda house, session, _text, _code: house.sessions.end(session),
}


@pytest.mark.parametrize("store", ["tokens", "users"])
@pytest.mark.parametrize("way", WAYS)
def test_store_that_fails_at_any_call(house: House, user: User, way: str, store: str) -> None:
    """A store that fails, at whichever call, is told as StoreError and never signs in."""
    session_id = house.sign_in(user)
    failing = {"tokens": house.tokens, "users": house.users}[store]
    for call in range(5):
        failing.reset()
        code = house.sessions.hand_off(session_id, user.id, browser=BROWSER)
        text = house.sessions.issue(session_id).text
        failing.reset(fail_at=call)
        try:
            WAYS[way](house, session_id, text, code)
        except StoreError:
            continue
        except AuthError:
            pytest.fail("a failing store was taken for a verdict")
        assert len(failing.calls) <= call
        break
    else:
        pytest.fail("more calls than expected")


def test_failing_store_ends_nothing(house: House, user: User) -> None:
    """A sign-in outlives the failure of a store."""
    session_id = house.sign_in(user)
    text = house.sessions.issue(session_id).text
    house.tokens.reset(fail_at=0)
    with pytest.raises(StoreError):
        house.sessions.resume(text)
    with pytest.raises(StoreError):
        house.sessions.end(session_id)
    house.tokens.reset()
    assert house.sessions.resume(text).user == user


def test_one_read_of_each_store(house: House, user: User) -> None:
    """Resuming is one read of the sign-ins and one of the users."""
    text = house.sessions.issue(house.sign_in(user)).text
    house.tokens.reset()
    house.users.reset()
    house.sessions.resume(text)
    assert (house.tokens.calls, house.users.calls) == (["find"], ["get"])


def test_forged_tokens_ask_no_store(house: House) -> None:
    """A token that we did not sign is refused before any store is asked."""
    house.tokens.reset()
    for text in ("", "x" * 10_000_000, forge(key="x" * 40), forge() + "="):
        refused(house.sessions.resume, text)
    assert house.tokens.calls == []


def test_end_own(house: House, user: User) -> None:
    """A user ends their own sign-in by its id, and nobody else's."""
    other = house.add_user("bob@example.com")
    mine, theirs = house.sign_in(user), house.sign_in(other)
    assert not house.sessions.end_own(user.id, theirs)
    assert not house.sessions.end_own(user.id, "forged")
    assert not house.sessions.end_own(user.id, "")
    assert house.sessions.find_live({mine, theirs}) == {mine, theirs}
    assert house.sessions.end_own(user.id, mine)
    assert house.sessions.find_live({mine, theirs}) == {theirs}


@pytest.mark.parametrize("change", [{"is_active": False}, {"security_stamp": "another"}, None])
def test_live_needs_an_account(house: House, user: User, change: dict[str, object] | None) -> None:
    """A sign-in is live only while its account exists, is active and has the same stamp."""
    bob = house.add_user("bob@example.com")
    mine, theirs = house.sign_in(user), house.sign_in(bob)
    if change is None:
        house.users.delete(user.id)
    else:
        house.change_user(user.id, **change)
    assert house.sessions.find_live({mine, theirs}) == {theirs}


def test_live_is_read_at_once(house: House, user: User) -> None:
    """However many sign-ins are asked for, each store is read once."""
    mine = {house.sign_in(user) for _ in range(5)}
    house.tokens.reset()
    house.users.reset()
    assert house.sessions.find_live(mine) == mine
    assert house.tokens.calls == ["find_sessions"]
    assert house.users.calls == ["get_many"]


def test_look_at(house: House, user: User) -> None:
    """Who only looks at a sign-in is told the same as who uses it, and has not used it."""
    session_id = house.sign_in(user)
    house.clock.move(minutes=10)
    looked = house.sessions.look_at(session_id)
    assert house.sessions.live(user.id)[0].last_used_at == START
    assert house.sessions.resume_session(session_id) == looked
    assert house.sessions.live(user.id)[0].last_used_at == house.clock.now
    house.sessions.end(session_id)
    assert refused(house.sessions.look_at, session_id) == "ended"


@pytest.mark.parametrize("change", [{"is_active": False}, {"security_stamp": "another"}])
def test_look_at_what_counts_no_more(house: House, user: User, change: dict[str, object]) -> None:
    """Looking at a sign-in refuses what using it would."""
    session_id = house.sign_in(user)
    house.change_user(user.id, **change)
    assert refused(house.sessions.look_at, session_id) == refused(
        house.sessions.resume_session, session_id
    )
