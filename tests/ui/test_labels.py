from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.plain import plain
from streamlit_persistauth.ui.translator import Translator

NAME = "**Ada** :smile:"


def test_values_are_text() -> None:
    """A name in a label is text: escaped for what reads Markdown, as it is for what does not."""
    say = Translator()
    assert say("Hello {name}", name=NAME) == f"Hello {plain(NAME)}"
    assert say.text("Hello {name}", name=NAME) == f"Hello {NAME}"
    assert say(Text("Hello {name}", name=NAME)) == f"Hello {plain(NAME)}"
    assert say.text(Text("Hello {name}", name=NAME)) == f"Hello {NAME}"
    assert say("{n:02d}", n=5) == "05"


def test_values_are_escaped_once() -> None:
    """What is ready for Markdown, as an app's own label is, goes into another as it is."""
    say = Translator({"here": "**here**"})
    assert say("Signed in {where}", where=say("here")) == "Signed in **here**"
    assert say("Signed in {where}", where=plain(NAME)) == f"Signed in {plain(NAME)}"
    assert say(Text("Signed in {where}", where=Text("here"))) == "Signed in **here**"


def test_an_apps_own_text_may_be_malformed() -> None:
    """A text of an app that can't take the values is passed over for the default."""
    for own in ("{nme}", "{", "{0}", "{name.x.y}", "{name!z}"):
        assert Translator({"Hello {name}": own})("Hello {name}", name="Ada") == "Hello Ada"
