"""The strength meter below a new password."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

import streamlit as st

from streamlit_persistauth.core.passwords.policy import PolicyResult
from streamlit_persistauth.runtime.hidden_elements import class_of, hide
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
"""The text for an accepted password, by its score."""
LONGEST: Final = 1_000
"""Characters of a draft that are rated: more than any password may have."""
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
    """Rates the text of one field of a form while the user types.

    Attributes:
        field: The label of the field.
        request: The rule for passwords, shown while the field is empty.
        judge: Takes the typed texts by label, and returns the verdict of the policy.
        context: Labels of fields whose texts the password must not contain.
    """

    field: str
    request: Text
    judge: Callable[[Mapping[str, str]], PolicyResult]
    context: tuple[str, ...] = ()

    def draw(self, key: str, t: Translator) -> None:
        """Draw the empty meter, in its full height, so that nothing moves later."""
        with st.container(key=f"{key}:meter"):
            st.html(
                f'{_STYLE}<div class="persistauth-meter" data-level="0">'
                '<div aria-hidden="true"><i></i><i></i><i></i><i></i></div>'
                f'<p role="status">{escape(t.text(self.request))}</p></div>'
            )

    def watch(self, key: str, keys: Mapping[str, str], t: Translator) -> None:
        """Draw the script that sends drafts and shows verdicts. Call it outside the form.

        Args:
            key: The key of the form.
            keys: The keys of its fields, by label.
            t: The texts.
        """
        fields = {label: class_of(keys[label]) for label in (self.field, *self.context)}

        def rate() -> None:
            script_key = f"{key}:meter_script"
            verdict = self._rate(st.session_state.get(widget_key(script_key)), t)
            run_script(
                "meter",
                {
                    "key": key,
                    "label": self.field,
                    "field": fields[self.field],
                    "fields": fields,
                    "place": class_of(f"{key}:meter"),
                    "request": t.text(self.request),
                    "verdict": verdict,
                },
                ["draft"],
                key=script_key,
            )

        with hide(f"{key}:meter_place"):
            st.fragment(rate)()

    def _rate(self, sent: object, t: Translator) -> dict[str, object] | None:
        """Return the rating of the draft that the page has sent, or None."""
        draft = getattr(sent, "draft", None)
        typed = draft.get("typed") if isinstance(draft, Mapping) else None
        if not isinstance(draft, Mapping) or not isinstance(typed, Mapping):
            return None
        texts = {
            label: str(typed.get(label, ""))[:LONGEST] for label in (self.field, *self.context)
        }
        verdict = self.judge(texts)
        # A rejected password never looks accepted, and a draft never looks like an empty field.
        level = 1 if verdict.refusal else max(verdict.score, 1)
        text = t.text(verdict.refusal or LEVELS[verdict.score])
        return {"number": draft.get("number"), "level": level, "text": text}
