from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp
from tests.support.fake_mailer import FakeMailer

from streamlit_persistauth.core.accounts.mails import Job, Mails
from streamlit_persistauth.core.text.languages import translator_for
from streamlit_persistauth.errors import ConfirmationNeeded, Throttled
from streamlit_persistauth.models import Client


@pytest.fixture
def core(mailer: FakeMailer) -> CoreApp:
    """An app that sends mail."""
    return CoreApp(mailer=mailer)


def test_reset_by_mail(core: CoreApp, mailer: FakeMailer) -> None:
    """The link in the mail uses the app's own address, and its token sets a new password."""
    core.add_user()
    core.resets.request(" ADA@example.com", client=CLIENT)
    (mail,) = mailer.sent
    assert mail["To"] == EMAIL
    assert "https://app.example.com/?persistauth_reset=" in mail.get_content()
    core.resets.reset(mailer.token, "another-Kettle-94")
    assert core.accounts.authenticate(EMAIL, "another-Kettle-94").user.email == EMAIL
    assert mailer.sent[-1]["Subject"] == "Orchard: Your password was changed"


@pytest.mark.parametrize("email", ["unknown@example.com", "no address@", "@"])
def test_no_mail_without_an_account(core: CoreApp, mailer: FakeMailer, email: str) -> None:
    """Without an account no mail is sent, and the answer is the same."""
    core.add_user()
    core.resets.request(email, client=CLIENT)
    assert mailer.sent == []


def test_request_looks_nobody_up(core: CoreApp) -> None:
    """The account is looked up after the answer, so the response time reveals nothing."""
    core.add_user()
    jobs: list[Job] = []
    core.post = jobs.append
    core.users.reset()
    core.resets.request(EMAIL, client=CLIENT)
    core.resets.request("unknown@example.com", client=CLIENT)
    assert core.users.calls == []
    assert len(jobs) == 2


@pytest.mark.parametrize("email", [EMAIL, "unknown@example.com"])
def test_throttled(core: CoreApp, mailer: FakeMailer, email: str) -> None:
    """The number of mails to an address is limited, with and without an account."""
    core.add_user()
    for _ in range(3):
        core.resets.request(email, client=CLIENT)
    with pytest.raises(Throttled):
        core.resets.request(email, client=CLIENT)
    assert len(mailer.sent) in {0, 3}


def test_told_of_a_change(core: CoreApp, mailer: FakeMailer) -> None:
    """The owner is notified of a changed password, without a link or the password."""
    user = core.add_user()
    core.password_changes.change(user.id, PASSWORD, "another-Kettle-94")
    (mail,) = mailer.sent
    assert mail["To"] == EMAIL
    assert "http" not in mail.get_content()
    assert "Kettle" not in mail.as_string()


def test_mail_that_fails(
    core: CoreApp, mailer: FakeMailer, caplog: pytest.LogCaptureFixture
) -> None:
    """A failing mailer interrupts nothing; the event does not contain the mail."""
    user = core.add_user()
    mailer.error = OSError("canary")
    core.password_changes.change(user.id, PASSWORD, "another-Kettle-94")
    core.resets.request(EMAIL, client=CLIENT)
    event_types = [event.event_type for event in core.events.records]
    assert event_types.count("mail_failed") == 2
    assert core.events.records[-1].details == {"error": "OSError"}
    assert "canary" not in caplog.text
    assert "persistauth_reset" not in caplog.text


def test_no_mailer(core: CoreApp) -> None:
    """Without a mailer there is no link, and no notice is sent."""
    mails = Mails(None, core.recorder, post=lambda job: job(), public_url="https://x", app_name="")
    assert not mails.can_link
    mails.password_changed(core.add_user())


def test_no_public_url(core: CoreApp, mailer: FakeMailer) -> None:
    """Without the app's address there is no link; notices are sent."""
    mails = Mails(mailer, core.recorder, post=lambda job: job(), public_url=None, app_name="")
    assert not mails.can_link
    mails.password_changed(core.add_user())
    assert len(mailer.sent) == 1


@pytest.mark.parametrize("language", ["de", "ja", None])
def test_language_of_the_page(core: CoreApp, mailer: FakeMailer, language: str | None) -> None:
    """A mail uses the language of the requesting page, or English without a page."""
    say = translator_for(language or "en")
    client = Client("203.0.113.7", "Mozilla/5.0", language)
    core.must_confirm = True
    with pytest.raises(ConfirmationNeeded):
        core.registrations.register(EMAIL, PASSWORD, client=client)
    owner = core.confirmations.confirm(mailer.token, PASSWORD, client=client)
    with pytest.raises(ConfirmationNeeded):
        core.registrations.register(EMAIL, PASSWORD, client=client)
    core.resets.request(EMAIL, client=client)
    core.resets.reset(mailer.token, "another-Kettle-94", client=client)
    core.confirmations.change_email(
        owner.user.id, "another-Kettle-94", "ada@example.org", client=client
    )
    core.confirmations.confirm(mailer.token, "another-Kettle-94", client=client)
    core.invitations.create("bob@example.com", client=client)
    with pytest.raises(ConfirmationNeeded):
        core.registrations.register("bob@example.com", PASSWORD, client=client)
    subjects = [
        "Confirm your email address",
        "You already have an account",
        "Set a new password",
        "Your password was changed",
        "Confirm your email address",
        "Your email address was changed",
        "You have been invited",
        "You have been invited",
    ]
    wanted = [say("{app}: {subject}", app="Orchard", subject=say(text)) for text in subjects]
    assert [mail["Subject"] for mail in mailer.sent] == wanted
    assert {mail["Content-Language"] for mail in mailer.sent} == {language or "en"}
    (line, *_) = mailer.sent[-1].get_content().splitlines()
    assert line == say(
        "Open this link within seven days and choose a password to accept the invitation:"
    )


def test_language_where_there_is_no_page(core: CoreApp, mailer: FakeMailer) -> None:
    """A mail without a page uses the language of the app."""
    mails = Mails(
        mailer,
        core.recorder,
        post=lambda job: job(),
        public_url=None,
        app_name="",
        language="fr",
    )
    mails.password_changed(core.add_user())
    assert mailer.sent[-1]["Subject"] == "Votre mot de passe a été changé"


@pytest.mark.parametrize(
    "email", ["ada@example.com\nBcc: eve@example.com", "a\r\n\r\nb@example.com"]
)
def test_no_header_from_an_address(core: CoreApp, mailer: FakeMailer, email: str) -> None:
    """An address that would inject a header gets no mail; an event is recorded."""
    user = replace(core.add_user(), email=email)
    core.mails.password_changed(user)
    core.mails.reset_link(user, "a-token")
    assert mailer.sent == []
    assert [event.event_type for event in core.events.records][-2:] == ["mail_failed"] * 2


def test_odd_app_name(core: CoreApp, mailer: FakeMailer) -> None:
    """The name of an app is text in the subject and never another header."""
    user = core.add_user()
    for name in ("**B** {app} 日本 \u202e", "x" * 100):
        mails = Mails(mailer, core.recorder, post=lambda job: job(), public_url=None, app_name=name)
        mails.password_changed(user)
        sent = message_from_bytes(mailer.sent[-1].as_bytes(), policy=default)
        assert sent["Subject"] == f"{name}: Your password was changed"
        assert sent.keys() == [*mailer.sent[-1].keys()]
