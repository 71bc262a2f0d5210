"""The strength meter of a new password, with the rules of the app's password policy."""

from collections.abc import Mapping

from streamlit_persistauth.core.passwords.policy import PasswordPolicy, PolicyResult
from streamlit_persistauth.models import User
from streamlit_persistauth.ui.form import Field
from streamlit_persistauth.ui.meter import Meter
from streamlit_persistauth.views.fields import EMAIL, NAME, OPTIONAL_EMAIL, USERNAME


def meter_for(
    field: Field,
    policy: PasswordPolicy,
    *,
    user: User | None = None,
    context: tuple[Field, ...] = (),
) -> Meter:
    """Return a meter that rates a password as the policy does when it is submitted.

    Args:
        field: The field of the password.
        policy: The password policy of the app.
        user: The owner of the password, whose names and email it must not contain; None if unknown.
        context: Fields of the same form with a name or the email.
    """

    def judge(typed: Mapping[str, str]) -> PolicyResult:
        email = typed.get(EMAIL.label) or typed.get(OPTIONAL_EMAIL.label)
        return policy.judge(
            typed[field.label],
            email=email or (user.email if user else ""),
            username=typed.get(USERNAME.label, user.username if user else ""),
            full_name=typed.get(NAME.label, user.full_name if user else ""),
        )

    labels = tuple(other.label for other in context)
    return Meter(field.label, policy.request, judge, context=labels)
