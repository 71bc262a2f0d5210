"""Whether an entry script calls `st.navigation`, by its source."""

from pathlib import Path

import pytest

from streamlit_persistauth.runtime.entry_script import uses_navigation

LISTS = {
    "at the top": "import streamlit as st\nst.navigation([]).run()",
    "by another name": "from streamlit import navigation as menu\nmenu([]).run()",
    "in a function": "import streamlit\ndef main():\n    streamlit.navigation([]).run()",
    "unreadable": "def main(:",
}
LISTS_NOT = {
    "no page": "import streamlit as st\nst.text('hello')",
    "a name": "import streamlit as st\nnavigation = st.sidebar.radio('Where', ['a'])",
    "a function of its own": "def navigation(): ...\nnavigation()",
    "only in a text": "print('st.navigation([])')",
    "only in the library": "from streamlit_persistauth import Authenticator",
}
ELSEWHERE = {
    "import menu": "menu.py",
    "from menu import show": "menu.py",
    "from parts import menu": "parts/menu.py",
    "import parts.menu": "parts/menu.py",
    "import parts": "parts/__init__.py",
    "def main():\n    from parts.menu import show": "parts/menu.py",
}


@pytest.mark.parametrize("source", LISTS.values(), ids=LISTS)
def test_lists(tmp_path: Path, source: str) -> None:
    """A call of `st.navigation` is found; an unreadable file is assumed to have one."""
    script = tmp_path / "app.py"
    script.write_text(source, encoding="utf-8")
    assert uses_navigation(script)


@pytest.mark.parametrize("source", LISTS_NOT.values(), ids=LISTS_NOT)
def test_lists_not(tmp_path: Path, source: str) -> None:
    """Other things of that name are ignored."""
    script = tmp_path / "app.py"
    script.write_text(source, encoding="utf-8")
    assert not uses_navigation(script)


@pytest.mark.parametrize("statement", ELSEWHERE)
def test_in_a_file_of_the_app(tmp_path: Path, statement: str) -> None:
    """Imported files are read, over any number of steps, and in circles."""
    script, file = tmp_path / "app.py", tmp_path / ELSEWHERE[statement]
    script.write_text(statement, encoding="utf-8")
    assert not uses_navigation(script)
    file.parent.mkdir(exist_ok=True)
    (tmp_path / "last.py").write_text("import app\n" + LISTS["at the top"], encoding="utf-8")
    file.write_text("import app, last", encoding="utf-8")
    assert uses_navigation(script)


def test_relative_import(tmp_path: Path) -> None:
    """An import within a package is followed, and one that leads nowhere is not."""
    package = tmp_path / "parts"
    package.mkdir()
    script = tmp_path / "app.py"
    script.write_text("import parts", encoding="utf-8")
    (package / "__init__.py").write_text("from .menu import show", encoding="utf-8")
    (package / "menu.py").write_text("from ...... import nothing", encoding="utf-8")
    assert not uses_navigation(script)
    (package / "menu.py").write_text(LISTS["at the top"], encoding="utf-8")
    assert uses_navigation(script)


def test_missing(tmp_path: Path) -> None:
    """A missing script is assumed to have a call."""
    assert uses_navigation(tmp_path / "app.py")
