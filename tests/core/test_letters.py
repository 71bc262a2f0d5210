import pytest
from tests.support.house import CLIENT, EMAIL, PASSWORD, House
from tests.support.postman import Postman

from streamlit_persistauth.core.letters import Job, Letters
from streamlit_persistauth.errors import Throttled


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
