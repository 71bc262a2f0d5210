from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from tests.support.house import CLIENT, EMAIL, PASSWORD, House
from tests.support.postman import Postman

from streamlit_persistauth.core.languages import speaker
from streamlit_persistauth.core.letters import Job, Letters
from streamlit_persistauth.errors import ConfirmationNeeded, Throttled
from streamlit_persistauth.models import Client


@pytest.fixture
def house(postman: Postman) -> House:
    """An app that sends mail."""
    return House(mailer=postman)


def test_reset_by_mail(house: House, postman: Postman) -> None:
    """The link in the letter has the app's own address, and its token sets a new password."""
    house.add_user()
    house.resets.request(" ADA@example.com", client=CLIENT)
    (letter,) = postman.sent
    assert letter["To"] == EMAIL
    assert "https://app.example.com/?persistauth_reset=" in letter.get_content()
    house.resets.reset(postman.token, "another-Kettle-94")
    assert house.accounts.authenticate(EMAIL, "another-Kettle-94").user.email == EMAIL
    assert postman.sent[-1]["Subject"] == "Orchard: Your password was changed"


@pytest.mark.parametrize("email", ["unknown@example.com", "no address", ""])
def test_no_letter_to_nobody(house: House, postman: Postman, email: str) -> None:
    """Where there is no account, nothing is sent, and nothing is said."""
    house.add_user()
    house.resets.request(email, client=CLIENT)
    assert postman.sent == []


def test_request_looks_nobody_up(house: House) -> None:
    """Whether there is an account is asked after the answer, so its time tells nothing."""
    house.add_user()
    jobs: list[Job] = []
    house.letters._post = jobs.append
    house.users.reset()
    house.resets.request(EMAIL, client=CLIENT)
    house.resets.request("unknown@example.com", client=CLIENT)
    assert house.users.calls == []
    assert len(jobs) == 2


@pytest.mark.parametrize("email", [EMAIL, "unknown@example.com"])
def test_throttled(house: House, postman: Postman, email: str) -> None:
    """Nobody's mailbox is flooded, whether there is an account or not."""
    house.add_user()
    for _ in range(3):
        house.resets.request(email, client=CLIENT)
    with pytest.raises(Throttled):
        house.resets.request(email, client=CLIENT)
    assert len(postman.sent) in {0, 3}


def test_told_of_a_change(house: House, postman: Postman) -> None:
    """A changed password is told to its owner, with neither link nor password."""
    user = house.add_user()
    house.accounts.change_password(user.id, PASSWORD, "another-Kettle-94")
    (letter,) = postman.sent
    assert letter["To"] == EMAIL
    assert "http" not in letter.get_content()
    assert "Kettle" not in letter.as_string()


def test_mail_that_fails(house: House, postman: Postman, caplog: pytest.LogCaptureFixture) -> None:
    """Mail that can't be sent breaks nothing; it is an event, without the letter in it."""
    user = house.add_user()
    postman.error = OSError("canary")
    house.accounts.change_password(user.id, PASSWORD, "another-Kettle-94")
    house.resets.request(EMAIL, client=CLIENT)
    kinds = [event.event_type for event in house.events.records]
    assert kinds.count("mail_failed") == 2
    assert house.events.records[-1].details == {"error": "OSError"}
    assert "canary" not in caplog.text
    assert "persistauth_reset" not in caplog.text


def test_no_mailer(house: House) -> None:
    """Without a mailer there is no link, and a notice goes nowhere."""
    letters = Letters(
        None, house.recorder, post=lambda job: job(), public_url="https://x", app_name=""
    )
    assert not letters.can_link
    letters.password_changed(house.add_user())


def test_no_public_url(house: House, postman: Postman) -> None:
    """Without the app's address there is no link; a notice needs none."""
    letters = Letters(postman, house.recorder, post=lambda job: job(), public_url=None, app_name="")
    assert not letters.can_link
    letters.password_changed(house.add_user())
    assert len(postman.sent) == 1


@pytest.mark.parametrize("language", ["de", "ja", None])
def test_language_of_the_page(house: House, postman: Postman, language: str | None) -> None:
    """Every letter speaks the language of the page that asked for it; English without a page."""
    say = speaker(language or "en")
    client = Client("203.0.113.7", "Mozilla/5.0", language)
    house.must_confirm = True
    with pytest.raises(ConfirmationNeeded):
        house.registrations.register(EMAIL, PASSWORD, client=client)
    owner = house.confirmations.confirm(postman.token, PASSWORD, client=client)
    with pytest.raises(ConfirmationNeeded):
        house.registrations.register(EMAIL, PASSWORD, client=client)
    house.resets.request(EMAIL, client=client)
    house.resets.reset(postman.token, "another-Kettle-94", client=client)
    house.confirmations.change_email(
        owner.user.id, "another-Kettle-94", "ada@example.org", client=client
    )
    house.confirmations.confirm(postman.token, "another-Kettle-94", client=client)
    house.invitations.create("bob@example.com", client=client)
    with pytest.raises(ConfirmationNeeded):
        house.registrations.register("bob@example.com", PASSWORD, client=client)
    subjects = [
        "Confirm your address",
        "You have an account already",
        "Set a new password",
        "Your password was changed",
        "Confirm your address",
        "Your address was changed",
        "You are invited",
        "You are invited",
    ]
    wanted = [say("{app}: {subject}", app="Orchard", subject=say(text)) for text in subjects]
    assert [letter["Subject"] for letter in postman.sent] == wanted
    assert {letter["Content-Language"] for letter in postman.sent} == {language or "en"}
    (line, *_) = postman.sent[-1].get_content().splitlines()
    assert line == say("Choose a password here, within seven days, and you are in:")


def test_language_where_there_is_no_page(house: House, postman: Postman) -> None:
    """What no page asked for speaks the language that is set for the app."""
    letters = Letters(
        postman,
        house.recorder,
        post=lambda job: job(),
        public_url=None,
        app_name="",
        language="fr",
    )
    letters.password_changed(house.add_user())
    assert postman.sent[-1]["Subject"] == "Votre mot de passe a été changé"


@pytest.mark.parametrize(
    "email", ["ada@example.com\nBcc: eve@example.com", "a\r\n\r\nb@example.com"]
)
def test_no_header_from_an_address(house: House, postman: Postman, email: str) -> None:
    """An address that would be more than one header is written to by nobody, and is an event."""
    user = replace(house.add_user(), email=email)
    house.letters.password_changed(user)
    house.letters.reset_link(user, "a-token")
    assert postman.sent == []
    assert [event.event_type for event in house.events.records][-2:] == ["mail_failed"] * 2


def test_odd_app_name(house: House, postman: Postman) -> None:
    """The name of an app is text in a subject, whatever is in it, and never another header."""
    user = house.add_user()
    for name in ("**B** {app} 日本 \u202e", "x" * 100):
        letters = Letters(
            postman, house.recorder, post=lambda job: job(), public_url=None, app_name=name
        )
        letters.password_changed(user)
        sent = message_from_bytes(postman.sent[-1].as_bytes(), policy=default)
        assert sent["Subject"] == f"{name}: Your password was changed"
        assert sent.keys() == [*postman.sent[-1].keys()]
