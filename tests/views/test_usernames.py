"""The forms and panels of an app whose users sign in by username, or by either name."""

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.mailserver import MailServer, link_in
from tests.support.page import Page
from tests.views.admin import ROOT, captions, latest
from tests.views.conftest import SQL

from streamlit_persistauth import Authenticator, User
from streamlit_persistauth.testing import widget_key
from streamlit_persistauth.ui.plain_text import plain
from streamlit_persistauth.wiring.services import Services

WRONG = {
    "email": "Invalid email or password.",
    "username": "Invalid username or password.",
    "either": "Invalid email, username or password.",
}
LABELS = {"email": "Email", "username": "Username", "either": "Email or username"}
SENT = (
    "If this account exists and has an email address, we sent a link to it. The link is valid for "
    "one hour."
)


@pytest.fixture
def login_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What users sign in by; by default the username."""
    mode: str = getattr(request, "param", "username")
    monkeypatch.setenv("PERSISTAUTH_LOGIN_BY", mode)
    return mode


@pytest.fixture
def services(app: object, login_by: str) -> Services:
    """The services of the app."""
    from streamlit_persistauth.wiring.services import AppConfig, services_for

    return services_for(AppConfig())


@pytest.fixture
def ada(services: Services) -> User:
    """A user with both names."""
    made = services.accounts.register(EMAIL, PASSWORD, username="ada", full_name="Ada")
    return made.user


@pytest.fixture
def bob(services: Services) -> User:
    """A user without an address."""
    return services.accounts.register("", PASSWORD, username="bob", full_name="Bob").user


modes = pytest.mark.parametrize("login_by", ["email", "username", "either"], indirect=True)
names = pytest.mark.parametrize("login_by", ["username", "either"], indirect=True)
either = pytest.mark.parametrize("login_by", ["either"], indirect=True)


def sign_in(name: str, password: str = PASSWORD, label: str = "Username") -> Page:
    """Submit the sign-in form."""
    page = Page(scripts.guarded)
    (field,) = [item for item in page.test.text_input if item.label == label]
    field.input(name)
    return page.fill(Password=password).press("Sign in")


# Sign-in


@modes
def test_fields(ada: User, login_by: str) -> None:
    """The form asks for what users sign in by, and names it for password managers."""
    page = Page(scripts.guarded)
    assert page.fields == [LABELS[login_by], "Password"]
    assert [item.proto.autocomplete for item in page.test.text_input] == [
        "username",
        "current-password",
    ]
    assert page.press("Sign in").errors == [f"Please enter your {LABELS[login_by].lower()}."]


@modes
@pytest.mark.parametrize("name", [EMAIL, "ada", " ADA ", "Ada@Example.com"])
def test_sign_in(ada: User, login_by: str, name: str) -> None:
    """A user signs in by the names that the setting allows, in upper or lower case."""
    page = sign_in(name, label=LABELS[login_by])
    accepted = {"email": "@" in name, "username": "@" not in name, "either": True}
    assert page.texts == (["secret of Ada"] if accepted[login_by] else [])
    refusal = {"email": "Enter your email address.", "username": "Enter your username."}
    assert page.errors == ([] if accepted[login_by] else [refusal[login_by]])


@modes
@pytest.mark.parametrize("name", [EMAIL, "ada", "unknown", "unknown@example.com", "' OR 1=1 --"])
def test_wrong(ada: User, login_by: str, name: str) -> None:
    """A wrong password and an unknown account get the same sentence."""
    page = sign_in(name, "wrong-Kettle-93", LABELS[login_by])
    if login_by == "either" or ("@" in name) == (login_by == "email"):
        assert page.errors == [WRONG[login_by]]
    assert page.texts == page.exceptions == []


@pytest.mark.parametrize("login_by", ["email"], indirect=True)
def test_no_address(ada: User, sql: SQL) -> None:
    """Where users sign in by address, a text without `@` is corrected and is no attempt."""
    for _ in range(7):
        page = sign_in("ada", label="Email")
        assert page.errors == ["Enter your email address."]
    assert sql("SELECT * FROM auth_throttle") == []
    assert sql("SELECT * FROM auth_events WHERE event_type = 'login_failed'") == []


@modes
def test_by_program(ada: User, login_by: str) -> None:
    """`login` takes the same names, and refuses with the same sentence."""
    auth = Authenticator()
    name = EMAIL if login_by == "email" else "ada"
    assert auth.login(name, PASSWORD).ok
    for bad in (name, None):
        result = auth.login(bad, None)  # type: ignore[arg-type]
        assert (result.ok, result.message) == (False, WRONG[login_by])


# Registration


@names
def test_register(services: Services, login_by: str) -> None:
    """A visitor registers with a username, and signs in by it."""
    page = Page(scripts.guarded)
    optional = login_by == "username"
    email = "Email (optional)" if optional else "Email"
    assert page.fields == ["Full name", email, "Username", "Password", "Confirm password"]
    hints = [item.proto.autocomplete for item in page.test.text_input]
    assert hints == ["name", "email", "username", "new-password", "new-password"]
    page.fill(Full_name="Ada", Username="Ada", Password=PASSWORD, Confirm_password=PASSWORD)
    page.press("Create account")
    if not optional:
        assert page.errors == ["Please enter your email."]
        page.fill(Email=EMAIL, Password=PASSWORD, Confirm_password=PASSWORD)
        page.press("Create account")
    assert page.exceptions == page.errors == []
    assert page.texts == ["secret of Ada"]
    assert sign_in("ADA", label=LABELS[login_by]).texts == ["secret of Ada"]
    found = services.user_admin.get("ada")
    assert found is not None
    assert found.user.email == ("" if optional else EMAIL)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "Please enter your username."),
        (
            "a b",
            "A username consists of letters, digits and the characters . _ - + without spaces.",
        ),
        ("x" * 65, "The username can be at most 64 characters long."),
        ("ADA", "An account with this username already exists."),
        ("аda", "An account with this username already exists."),
    ],
)
def test_register_refused(
    ada: User, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    """A username that is missing, invalid or taken is refused with one sentence."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    page = Page(scripts.guarded).press("Create an account")
    page.fill(Full_name="Eve", Username=name, Password=PASSWORD, Confirm_password=PASSWORD)
    page.press("Create account")
    assert page.errors == [message]
    assert page.texts == page.exceptions == []


def test_password_that_is_the_username(services: Services) -> None:
    """A password must not consist of the username."""
    page = Page(scripts.guarded)
    page.fill(
        Username="plum-kettle-93", Password="Plum-Kettle-93", Confirm_password="Plum-Kettle-93"
    )
    page.press("Create account")
    assert page.errors == [
        "The password can't consist of your name, your email or the name of this app."
    ]


def test_register_with_confirmation(mail: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where addresses are confirmed, an address is required."""
    monkeypatch.setenv("PERSISTAUTH_LOGIN_BY", "username")
    monkeypatch.setenv("PERSISTAUTH_EMAIL_VERIFICATION", "on")
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    page = Page(scripts.guarded).press("Create an account")
    page.fill(Username="ada", Password=PASSWORD, Confirm_password=PASSWORD).press("Create account")
    assert page.errors == ["Please enter your email."]


# Forgotten names and passwords


@names
@pytest.mark.parametrize("name", [EMAIL, "ada"])
def test_forgot_password(mail: MailServer, ada: User, name: str) -> None:
    """A reset link is requested by either name, and is sent to the address."""
    page = Page(scripts.guarded).press("Forgot your password?")
    page.fill(Email_or_username=name).press("Send reset link")
    assert [item.value for item in page.test.success] == [SENT]
    (sent,) = mail.wait_for(1)
    assert sent["To"] == EMAIL
    assert link_in(sent)


def test_forgot_password_without_an_address(mail: MailServer, ada: User, bob: User) -> None:
    """An account without an address, and an unknown one, get the same answer and no mail."""
    page = Page(scripts.guarded).press("Forgot your password?")
    for name in ("bob", "unknown", "ada"):
        page.fill(Email_or_username=name).press("Send reset link")
        assert [item.value for item in page.test.success] == [SENT]
    assert [sent["To"] for sent in mail.wait_for(1)] == [EMAIL]


@names
def test_forgot_username(mail: MailServer, ada: User) -> None:
    """The username is sent to the address of its account; an unknown address gets no mail."""
    page = Page(scripts.guarded).press("Forgot your username?")
    assert page.fields == ["Email"]
    for email in ("unknown@example.com", EMAIL):
        page.fill(Email=email).press("Send username")
        assert [item.value for item in page.test.success] == [
            "If an account exists for this email address, we sent its username to it."
        ]
    (sent,) = mail.wait_for(1)
    assert (sent["To"], sent["Subject"]) == (EMAIL, "Your username")
    assert "ada" in str(sent.get_payload()).split()
    assert page.fill(Email="ada").press("Send username").errors == ["Enter your email address."]


@pytest.mark.parametrize("login_by", ["email"], indirect=True)
def test_no_usernames_to_forget(mail: MailServer, ada: User) -> None:
    """Where users sign in by address, the page does not offer to send a username."""
    assert Page(scripts.guarded).buttons == ["Sign in", "Forgot your password?"]


def test_no_mail_to_send(ada: User) -> None:
    """Without mail, the page offers to send neither a link nor a username."""
    assert Page(scripts.guarded).buttons == ["Sign in"]


# The user's own account


def account(name: str, tab: str) -> Page:
    """Return a user's account with one of its tabs chosen."""
    page = Page.signed_in(scripts.account, name)
    page.test.session_state[widget_key("persistauth:tabs")] = tab
    return page.run()


@pytest.mark.runner
def test_change_username(ada: User, services: Services, mail: MailServer) -> None:
    """A user changes the username with the password, and stays signed in everywhere."""
    other = sign_in("ada")
    page = account("ada", "Username")
    assert "Your username: ada" in page.words
    assert [item.proto.autocomplete for item in page.test.text_input] == [
        "off",
        "current-password",
    ]
    page.fill(New_username="king", Current_password="wrong-Kettle-93").press("Change username")
    assert page.errors == ["The password is incorrect."]
    page.fill(New_username="King", Current_password=PASSWORD).press("Change username")
    assert page.errors == page.exceptions == []
    assert [item.value for item in page.test.success] == [
        "Your username was changed. Use the new one the next time you sign in."
    ]
    assert "Your username: king" in page.words
    assert other.run().texts == ["secret of Ada"]
    assert sign_in("ada").errors == [WRONG["username"]]
    assert sign_in("king").texts == ["secret of Ada"]
    (sent,) = mail.wait_for(1)
    assert (sent["To"], sent["Subject"]) == (EMAIL, "Your username was changed")


@pytest.mark.runner
def test_taken_username(ada: User, bob: User) -> None:
    """A username that another account has is refused at its field."""
    page = account("ada", "Username")
    page.fill(New_username="BOB", Current_password=PASSWORD).press("Change username")
    assert page.errors == ["An account with this username already exists."]


@pytest.mark.runner
@either
def test_first_username(services: Services) -> None:
    """A user who has none yet chooses a username."""
    made = services.accounts.register(EMAIL, PASSWORD, username="ada", full_name="Ada").user
    services.users.update(made.id, {"username": "", "username_key": None})
    page = account(EMAIL, "Username")
    assert "You have no username yet." in page.words
    page.fill(New_username="ada", Current_password=PASSWORD).press("Change username")
    assert "Your username: ada" in page.words


@pytest.mark.runner
def test_first_address(bob: User, services: Services) -> None:
    """A user without an address adds one."""
    page = account("bob", "Email")
    assert "You have no email address yet." in page.words
    page.fill(New_email="bob@example.com", Current_password=PASSWORD).press("Change email")
    assert page.errors == page.exceptions == []
    found = services.user_admin.get("bob")
    assert found is not None
    assert found.user.email == "bob@example.com"


@pytest.mark.parametrize("login_by", ["email"], indirect=True)
def test_tabs_by_email(ada: User) -> None:
    """Where users sign in by address, the account shows no username."""
    assert [tab.label for tab in account(EMAIL, "Profile").test.tabs] == [
        "Profile",
        "Email",
        "Password",
        "Devices",
    ]


@modes
def test_menu(ada: User, login_by: str) -> None:
    """The menu shows the full name, then what the user signs in by."""
    page = Page.signed_in(scripts.with_menu, EMAIL)
    assert [item.value for item in page.test.markdown][:2] == [
        "**Ada**",
        plain("ada" if login_by == "username" else EMAIL),
    ]


def test_menu_without_a_full_name(services: Services) -> None:
    """A user with nothing but a username is shown by it."""
    services.accounts.register("", PASSWORD, username="bob")
    page = Page.signed_in(scripts.with_menu, "bob")
    (popover,) = page.test.get("popover")
    assert popover.proto.popover.label == "bob"
    assert [item.value for item in page.test.markdown] == ["**bob**"]


# Administration


@pytest.fixture
def root(services: Services) -> User:
    """An administrator."""
    return services.accounts.register(
        ROOT, PASSWORD, username="root", full_name="Root", roles=("admin",)
    ).user


def managed(name: str) -> Page:
    """Sign in as the administrator and see the dialog of an account."""
    return Page.signed_in(scripts.managing, "root", email=name)


@pytest.mark.runner
@names
def test_list(root: User, ada: User, services: Services, login_by: str) -> None:
    """The list shows both names of an account, and is searched by each and ordered by username."""
    services.users.update(ada.id, {"full_name": ""})
    page = Page.signed_in(scripts.administration, "root")
    lines = captions(page)
    for name, email in (("ada", EMAIL), ("root", ROOT)):
        assert any(line.startswith(f"{name} · {plain(email)} · ") for line in lines)
    (field,) = [item for item in page.test.text_input if item.label == "Search"]
    assert field.placeholder == "Name, username or email"
    field.input("ADA")
    page.run()
    assert "1 user" in captions(page)
    (order,) = [item for item in page.test.selectbox if item.label == "Sort by"]
    first = ["Username", "Email"] if login_by == "username" else ["Email", "Username"]
    assert order.options == [*first, "Name", "Newest first", "Last sign-in"]
    order.select("Username")
    assert page.run().exceptions == []


def test_set_username(root: User, bob: User, services: Services) -> None:
    """An administrator changes a username; an invalid or taken one is refused."""
    page = managed("bob")
    page.fill(Username="ROOT").press("Save username")
    assert page.errors == ["An account with this username already exists."]
    page.fill(Username="robert").press("Save username")
    found = services.users.get(bob.id)
    assert found is not None
    assert found.user.username == "robert"
    kind, user_id, details = latest(services)
    assert (kind, user_id, details["by"]) == ("username_changed", bob.id, root.id)


def test_questions_name_the_account(root: User, bob: User) -> None:
    """The question before a destructive action names the account by its username."""
    page = managed("bob").press("Delete account")
    assert [item.value for item in page.test.warning] == [
        "This permanently deletes bob and everything that belongs to the account."
    ]


def test_no_mail_to_an_account_without_an_address(
    root: User, bob: User, services: Services, mail: MailServer
) -> None:
    """Where mail is set up, an account without an address gets a link to be handed over."""
    page = managed("bob")
    assert "Send reset link" not in page.buttons
    page.press("Create reset link")
    (code,) = page.test.code
    assert [item.value for item in page.test.info] == [
        "This account has no email address. Pass this on to the user yourself; it works only once."
    ]
    token = code.value.rpartition("=")[2]
    services.resets.reset(token, "another-Kettle-94")
    services.accounts.authenticate("bob", "another-Kettle-94")


def test_invite_by_username(root: User, services: Services, mail: MailServer) -> None:
    """A user without an address is invited by a link, and may choose another username."""
    page = Page.signed_in(scripts.inviting, "root")
    page.fill(Username="carol", Full_name="Carol").press("Invite")
    (code,) = page.test.code
    token = code.value.rpartition("=")[2]
    page = Page(scripts.guarded)
    page.test.query_params["persistauth_invitation"] = token
    page.run()
    assert page.fields == ["Full name", "Username", "Password", "Confirm password"]
    assert [item.value for item in page.test.text_input][:2] == ["Carol", "carol"]
    page.fill(Username="caz", Password=PASSWORD, Confirm_password=PASSWORD).press("Create account")
    assert page.errors == page.exceptions == []
    assert page.texts == ["secret of Carol"]
    assert sign_in("caz").texts == ["secret of Carol"]


@names
def test_invite_by_email(root: User, login_by: str, mail: MailServer) -> None:
    """An invited user whose administrator gave no username chooses one."""
    page = Page.signed_in(scripts.inviting, "root")
    page.fill(Email="carol@example.com", Full_name="Carol").press("Invite")
    assert page.errors == []
    _, parameter, token = link_in(mail.wait_for(1)[-1])
    page = Page(scripts.guarded)
    page.test.query_params[parameter] = token
    page.run().fill(Password=PASSWORD, Confirm_password=PASSWORD).press("Create account")
    assert page.errors == ["Please enter your username."]
    page.fill(Username="carol", Password=PASSWORD, Confirm_password=PASSWORD)
    assert page.press("Create account").texts == ["secret of Carol"]
