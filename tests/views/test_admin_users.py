"""The admin panel's users."""

from contextlib import suppress

from tests.support.naughty import TEXTS
from tests.views.admin import captions, opened
from tests.views.conftest import SQL

from streamlit_persistauth import StoreError, User
from streamlit_persistauth.testing.rows import person
from streamlit_persistauth.wiring.services import Services


def test_users(root: User, ada: User, services: Services) -> None:
    """Users are searched by text and status, and listed in pages."""
    for number in range(30):
        services.users.add(person(f"p{number:02}@example.org", f"Person {number}"))
    page = opened()
    assert "32 users" in captions(page)
    assert page.buttons.count("Manage") == 20
    (following,) = [item for item in page.test.button if item.help == "Next page"]
    following.click()
    page.run()
    assert page.buttons.count("Manage") == 12
    page.fill(Search="PERSON 7").run()
    assert [text for text in captions(page) if "user" in text and "@" not in text] == ["1 user"]
    assert any("p07" in text for text in captions(page))
    page.fill(Search="% nobody").run()
    assert [item.value for item in page.test.info] == ["No users match."]
    page.fill(Search="")
    (status,) = [item for item in page.test.selectbox if item.label == "Status"]
    status.select("disabled")
    assert "0 users" in captions(page.run())
    assert page.exceptions == []


def test_names_are_text(root: User, services: Services, sql: SQL) -> None:
    """Any name and any role is drawn as text."""
    for number, text in enumerate(TEXTS):
        with suppress(StoreError):  # what no database can hold
            services.users.add(person(f"p{number}@example.org", text[:200], roles=(text[:50],)))
    sql("UPDATE users SET full_name = ? WHERE email = 'p0@example.org'", "x" * 10_000)
    page = opened()
    assert page.exceptions == []
    assert not any("<script>" in item.value for item in page.test.markdown if not item.allow_html)
    assert "x" * 200 not in page.words


def test_role_that_is_asked_for(root: User, ada: User) -> None:
    """Users are searched by a role."""
    page = opened().fill(Role="admin").run()
    assert "1 user" in captions(page)
    page.fill(Role="adm").run()
    assert "0 users" in captions(page)
