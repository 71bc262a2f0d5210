"""How good a password is, said while it is being chosen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

import streamlit as st

from streamlit_persistauth.core.passwords.policy import PolicyResult
from streamlit_persistauth.runtime.hidden import class_of, hide
from streamlit_persistauth.runtime.page_scripts import run_script
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.translator import Translator

LEVELS: Final = (
    Text(""),
    Text(""),
    Text("Fair password."),
    Text("Good password."),
    Text("Strong password."),
)
"""What is said of a password that is not refused, by its score."""
LONGEST: Final = 1_000
"""Characters of a draft that are looked at: more than any password may have."""
_STYLE: Final = """<style>
.persistauth-meter { margin-top: -0.5rem; font-size: 0.875rem; line-height: 1.4;
  color: color-mix(in srgb, currentColor 75%, transparent) }
.persistauth-meter p { margin: 0; font-size: inherit; min-height: 2lh }
.persistauth-meter div { display: flex; gap: 0.25rem; margin-bottom: 0.375rem }
.persistauth-meter i { flex: 1; height: 0.25rem; border-radius: 0.125rem;
  background: color-mix(in srgb, currentColor 20%, transparent); transition: background 0.2s }
.persistauth-meter:is([data-level="1"], [data-level="2"], [data-level="3"], [data-level="4"])
  i:nth-child(1),
.persistauth-meter:is([data-level="2"], [data-level="3"], [data-level="4"]) i:nth-child(2),
.persistauth-meter:is([data-level="3"], [data-level="4"]) i:nth-child(3),
.persistauth-meter[data-level="4"] i:nth-child(4) { background: var(--persistauth-level) }
@media (max-width: 30rem) { .persistauth-meter p { min-height: 3lh } }
</style>"""


@dataclass(frozen=True, slots=True)
class Meter:
    """Rates what is typed into one field of a form.

    Attributes:
        field: Its label.
        request: What is asked of a password, said until there is one.
        judge: Takes what is typed, by label, and returns what the policy says to it.
        context: Labels of the fields that a password must not be made of.
    """

    field: str
    request: Text
    judge: Callable[[Mapping[str, str]], PolicyResult]
    context: tuple[str, ...] = ()

    def draw(self, key: str, labels: Translator) -> None:
        """Draw the place of it, which has its room from the start, so that nothing moves."""
        with st.container(key=f"{key}:meter"):
            st.html(
                f'{_STYLE}<div class="persistauth-meter" data-level="0">'
                '<div aria-hidden="true"><i></i><i></i><i></i><i></i></div>'
                f'<p role="status">{escape(labels.text(self.request))}</p></div>'
            )

    def watch(self, key: str, keys: Mapping[str, str], labels: Translator) -> None:
        """Have the page ask, while it is typed, what is to be said. Not inside the form.

        Args:
            key: Of the form.
            keys: Of its fields, by label.
            labels: Its texts.
        """
        fields = {label: class_of(keys[label]) for label in (self.field, *self.context)}

        def rate() -> None:
            script_key = f"{key}:meter_script"
            verdict = self._rate(st.session_state.get(widget_key(script_key)), labels)
            run_script(
                "ui/meter.js",
                {
                    "key": key,
                    "label": self.field,
                    "field": fields[self.field],
                    "fields": fields,
                    "place": class_of(f"{key}:meter"),
                    "request": labels.text(self.request),
                    "verdict": verdict,
                },
                ["draft"],
                key=script_key,
            )

        with hide(f"{key}:meter_place"):
            st.fragment(rate)()

    def _rate(self, asked: object, labels: Translator) -> dict[str, object] | None:
        """Return what is to be shown for a draft, if the page has sent one."""
        draft = getattr(asked, "draft", None)
        typed = draft.get("typed") if isinstance(draft, Mapping) else None
        if not isinstance(draft, Mapping) or not isinstance(typed, Mapping):
            return None
        texts = {
            label: str(typed.get(label, ""))[:LONGEST] for label in (self.field, *self.context)
        }
        verdict = self.judge(texts)
        # A refused password never looks like one that will do, and a draft never like none.
        level = 1 if verdict.refusal else max(verdict.score, 1)
        text = labels.text(verdict.refusal or LEVELS[verdict.score])
        return {"number": draft.get("number"), "level": level, "text": text}
