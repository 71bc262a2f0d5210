"""What somebody hears who is choosing a password."""

from collections.abc import Mapping

from streamlit_persistauth.core.passwords.policy import PasswordPolicy, PolicyResult
from streamlit_persistauth.models import User
from streamlit_persistauth.ui.form import Field
from streamlit_persistauth.ui.forms import EMAIL, NAME
from streamlit_persistauth.ui.meter import Meter


def meter_for(
    field: Field,
    policy: PasswordPolicy,
    *,
    user: User | None = None,
    context: tuple[Field, ...] = (),
) -> Meter:
    """Return what rates a password, by the words of the policy that decides in the end.

    Args:
        field: Where it is typed.
        policy: Of the app.
        user: Whose password it will be, where that is known; it must not be made of their names.
        context: Fields of the same form that are typed: the name, or the email.
    """

    def judge(typed: Mapping[str, str]) -> PolicyResult:
        return policy.judge(
            typed[field.label],
            email=typed.get(EMAIL.label, user.email if user else ""),
            full_name=typed.get(NAME.label, user.full_name if user else ""),
        )

    labels = tuple(other.label for other in context)
    return Meter(field.label, policy.request, judge, context=labels)
