"""Translated texts with values."""

from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.plain_text import plain
from streamlit_persistauth.ui.translator import Translator


def test_labels() -> None:
    """A text that the app does not replace stays as it is."""
    t = Translator({"Email": "E-Mail"})
    assert (t("Email"), t("Password")) == ("E-Mail", "Password")
    assert Translator()("Email") == "Email"


NAME = "**Ada** :smile:"


def test_values_are_text() -> None:
    """Values are escaped in Markdown and unchanged in plain text."""
    t = Translator()
    assert t("Hello {name}", name=NAME) == f"Hello {plain(NAME)}"
    assert t.text("Hello {name}", name=NAME) == f"Hello {NAME}"
    assert t(Text("Hello {name}", name=NAME)) == f"Hello {plain(NAME)}"
    assert t.text(Text("Hello {name}", name=NAME)) == f"Hello {NAME}"
    assert t("{n:02d}", n=5) == "05"


def test_values_are_escaped_once() -> None:
    """A value that is Markdown already is not escaped again."""
    t = Translator({"here": "**here**"})
    assert t("Signed in {where}", where=t("here")) == "Signed in **here**"
    assert t("Signed in {where}", where=plain(NAME)) == f"Signed in {plain(NAME)}"
    assert t(Text("Signed in {where}", where=Text("here"))) == "Signed in **here**"


def test_an_apps_own_text_may_be_malformed() -> None:
    """An app's text that can't take the values falls back to the default."""
    for own in ("{nme}", "{", "{0}", "{name.x.y}", "{name!z}"):
        assert Translator({"Hello {name}": own})("Hello {name}", name="Ada") == "Hello Ada"
