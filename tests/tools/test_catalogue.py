import pytest
from tests.support.catalogue import TRANSLATIONS, Source, placeholders, read

SOURCE = Source.of_package()
HOW = "run `make catalogue` and translate what it leaves empty"


def test_every_text_is_said() -> None:
    """No widget is given words of its own, and no sentence is put together from pieces."""
    assert [f"{fault.place}: {fault.text}" for fault in SOURCE.faults] == []


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_text_is_translated(language: str) -> None:
    """Each text that a person may see is in each language."""
    words = read(language)
    missing = [found for found in SOURCE.texts if not words.get(found.text)]
    assert [f"{found.place}: {found.text}" for found in missing] == [], HOW
    assert [text for text in SOURCE.wanted if not words.get(text)] == [], HOW


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_nothing_is_left_over(language: str) -> None:
    """A language has no text that nothing says any more, and they stand in order."""
    words = read(language)
    assert [text for text in words if text not in SOURCE.wanted] == [], HOW
    assert list(words) == sorted(words), HOW


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_values_have_their_places(language: str) -> None:
    """A translation has the same places for values as the text, and the same icons."""
    for text, words in read(language).items():
        assert placeholders(words) == placeholders(text), text
        assert words.count(":material/") == text.count(":material/"), text
        assert words == words.strip() or text != text.strip(), text


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("t('One')", ["One"]),
        ("t.text('One {n}', n=1)", ["One {n}"]),
        ("self._t('One')", ["One"]),
        ("t('One' if x else 'Two')", ["One", "Two"]),
        ("self.current_user.t(labels)('One')", ["One"]),
        ("Translator().text('One')", ["One"]),
        ("A = 'One'\nt(A)", ["One"]),
        ("A: Final = Text('One')", ["One"]),
        ("A = ('', 'One', 'Two')\nt.text(A[n])", ["One", "Two"]),
        ("A = {'a': 'One'}\nt(A.get(n) or 'Two')", ["One", "Two"]),
        ("replace(EMAIL, label='One', autocomplete='email')", ["One"]),
        ("Field('One', 'email', secret=True)", ["One"]),
        ("Form('One', (EMAIL,), 'Two', hint='Three')", ["One", "Two", "Three"]),
        ("Answer('One', done=True)", ["One"]),
        ("raise InvalidEmail('One')", ["One"]),
        ("raise ConfigError('X', 'is odd')", []),
        ("st.caption(t('One'))", ["One"]),
        ("st.button(':material/home:')", []),
        ("st.markdown(f'**{name}** :green-badge[{t(\"One\")}]')", ["One"]),
        ("st.button(f':material/{icon}:')", []),
        ("A = {'a': (Text('One'), 'red')}\nt(A[n][0])", ["One"]),
        ("open('x').write('y')", []),
    ],
)
def test_texts_are_found(code: str, texts: list[str]) -> None:
    """The search sees a text in each of the ways in which the package says one."""
    source = Source({"x.py": code})
    assert [found.text for found in source.texts] == texts
    assert source.faults == []


@pytest.mark.parametrize(
    "code",
    [
        "st.error('One')",
        "st.button(label='One')",
        "place.text_input(t('One'), help='Two')",
        "st.text_input(t('One'), placeholder='Two')",
        "st.tabs([t('One'), 'Two'])",
        "st.tabs(['One', 'Two'])",
        "A = 'One'\nst.toast(A)",
        "A = {'a': 'One'}\nst.caption(A[n])",
        "st.error(f'One {n}')",
        "st.error('One' + name)",
        "st.error(t(f'One {n}'))",
        "t('One ' + name)",
        "raise InvalidName(f'One {n}')",
        "Answer(f'One {n}')",
        "st.column_config.TextColumn('One')",
        "st.error(problem or 'One')",
    ],
)
def test_faults_are_found(code: str) -> None:
    """The search tells what is shown without being said, and what can't be translated."""
    source = Source({"x.py": f"import streamlit as st\n{code}"})
    assert source.faults
    assert all(fault.place.startswith("x.py:") for fault in source.faults)
