import copy
import pickle
from datetime import timedelta

import pytest

from streamlit_persistauth.core.text.languages import LANGUAGES, catalogue, matching, translator_for
from streamlit_persistauth.errors import Throttled
from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.text import Text


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("de", "de"),
        ("de-AT", "de"),
        ("DE-ch", "de"),
        ("de_DE", "de"),
        ("pt-BR", "pt"),
        ("es-419", "es"),
        ("ja-JP-u-ca-japanese", "ja"),
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("zh-Hans", "zh"),
        ("zh-Hans-TW", "zh"),
        ("zh-SG", "zh"),
        ("zh-TW", "en"),
        ("zh-Hant", "en"),
        ("zh-Hant-CN", "en"),
        ("zh-HK", "en"),
        ("it-IT", "en"),
        ("den", "en"),
        ("", "en"),
        ("-de", "en"),
        ("../de", "en"),
        ("de" * 10_000, "en"),
        ("\x00\ud800", "en"),
    ],
)
def test_matching(tag: str, language: str) -> None:
    """The region is ignored; an unsupported language or tag gets English."""
    assert matching(tag) == language


def test_settings_offer_what_is_here() -> None:
    """The setting accepts each supported language, and nothing else."""
    for language in LANGUAGES:
        assert AuthSettings(language=language).language == language
    choices = AuthSettings.model_json_schema()["properties"]["language"]["enum"]
    assert set(choices) == {"browser", *LANGUAGES}


def test_read_once() -> None:
    """A catalogue is read when it is first needed, and then cached."""
    assert catalogue("de") is catalogue("de")
    assert catalogue("en") == {}


def test_text_inside_a_text() -> None:
    """A message is translated together with the texts among its values."""
    say = translator_for("de")
    for seconds, time in (
        (1, "1 Sekunde"),
        (59, "59 Sekunden"),
        (60, "1 Minute"),
        (61, "2 Minuten"),
    ):
        message = Throttled(timedelta(seconds=seconds)).message
        assert say(message).startswith(f"Zu viele Versuche. Bitte versuchen Sie es in {time} ")


def test_values_stay_as_they_are() -> None:
    """Values in a mail are not escaped, and braces in them have no meaning."""
    say = translator_for("fr")
    assert say("{app}: {subject}", app="**{n}**", subject=Text("Confirm")) == (
        "**{n}**\N{NO-BREAK SPACE}: Confirmer"
    )


def test_a_text_survives_copies() -> None:
    """A text survives serialisation, which Streamlit may do to session state."""
    text = Text("{n} days ago", n=3)
    for twin in (copy.deepcopy(text), pickle.loads(pickle.dumps(text))):  # noqa: S301 - our own
        assert twin == "3 days ago"
        assert translator_for("de")(twin) == "vor 3 Tagen"
