"""AuthSettings: what an operator may set, from the environment, `.env` and `st.secrets`."""

import os
from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
    field_validator,
)

from streamlit_persistauth.core.passwords.hasher import DEFAULT_ROUNDS
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.setting_names import PREFIX, refuse_unknown
from streamlit_persistauth.setting_sources import read_secrets, read_sources

_UNPREFIXED: Final = {
    "jwt_secret_key",
    "jwt_previous_keys",
    "token_expiry_hours",
    "refresh_token_expiry_days",
    "debug_auth",
}

Registration = Literal["first", "open", "invited", "closed"]


def environment_name(field: str) -> str:
    """Return the environment variable of a field."""
    return field.upper() if field in _UNPREFIXED else PREFIX + field.upper()


class AuthSettings(BaseModel):
    """All settings, typed and frozen; keys and URLs are masked in every repr.

    A field is read from its environment variable, from `.env` in the working directory, or from
    `st.secrets["persistauth"]` under the same name in lower case. An argument wins over the
    environment, the environment over `.env`, `.env` over the secrets.

    Raises:
        ConfigError: A value is malformed or a name unknown.
    """

    model_config = ConfigDict(frozen=True)

    jwt_secret_key: SecretStr | None = Field(
        None, description="Signs the credential: 32 random bytes or more."
    )
    jwt_previous_keys: tuple[SecretStr, ...] = Field(
        (), description="Comma-separated keys that still verify but no longer sign."
    )
    token_expiry_hours: float = Field(
        24,
        gt=0,
        le=24 * 400,  # browsers keep no cookie longer (RFC 6265bis 5.5)
        description="Life of a sign-in in hours; a fraction works.",
    )
    refresh_token_expiry_days: float = Field(
        30, gt=0, le=400, description="How long renewal can carry a sign-in, in days, in all."
    )
    renewal: bool = Field(
        default=False,
        description=(
            "`on`: a sign-in past TOKEN_EXPIRY_HOURS gets a new credential by itself, until "
            "REFRESH_TOKEN_EXPIRY_DAYS."
        ),
    )
    idle_timeout_minutes: float = Field(
        0, ge=0, description="A sign-in unused for so long ends; 0 for never."
    )
    max_sessions: int = Field(
        0, ge=0, description="Sign-ins a user may have, the oldest going first; 0 for any number."
    )
    token_claims: tuple[Literal["email"], ...] = Field(
        (),
        description=(
            "`email` puts the address into the credential, for services that read it there; off, "
            "because a cookie should hold no personal data (NIST SP 800-63B-4 5.1.1)."
        ),
    )
    database_url: str = Field(
        "sqlite:///persistauth.db", description="SQLAlchemy URL of the database.", repr=False
    )
    token_store_url: str | None = Field(
        None,
        description=(
            "Where sign-ins are kept, if not in the database: redis://host:6379/0, memory://, or "
            "an SQLAlchemy URL."
        ),
        repr=False,
    )
    revalidate_seconds: float = Field(
        0,
        ge=0,
        le=300,
        description=(
            "How long one process may go on with what it read of a sign-in; 0 to read at every "
            "run. What ends elsewhere may seem to count for so much longer."
        ),
    )
    auto_purge_hours: float = Field(
        0,
        ge=0,
        description="How often what expired 30 days ago is deleted by itself; 0 for never.",
    )
    event_retention_days: float = Field(
        0, ge=0, description="How long events are kept before a purge deletes them; 0 for ever."
    )
    cookie_name: str = Field(
        "persistauth",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="Name of the cookie; `__Host-` is put before it where the page is HTTPS.",
    )
    answer_seconds: float = Field(
        3,
        ge=0,
        le=30,
        description=(
            "How long a page waits for a browser that has to be asked what it keeps, before it "
            "shows the form; 0 for not at all."
        ),
    )
    embedded: bool = Field(
        default=False,
        description=(
            "`on`: frames in pages of other sites keep sign-ins too, on HTTPS, apart for each "
            "such site; they have to be named in FRAME_ANCESTORS."
        ),
    )
    registration: Registration = Field(
        "first",
        description=(
            "Who may register by a form: `first`, the first visitor, while there is no account; "
            "`open`, every visitor; `invited`, who has an invitation; `closed`, no visitor."
        ),
    )
    email_verification: bool = Field(
        default=False,
        description=(
            "`on`: a new account counts once its address is proven by a link; needs mail. The "
            "very first account of PERSISTAUTH_REGISTRATION=first needs no proof."
        ),
    )
    password_min_length: int = Field(
        8, ge=8, le=64, description="Characters asked of a new password."
    )
    bcrypt_rounds: int = Field(
        DEFAULT_ROUNDS,
        ge=4,
        le=20,
        description="Cost of a password hash, as a power of two; below 10 only for testing.",
    )
    pepper: SecretStr | None = Field(
        None,
        description=(
            "Goes into every password hash and is kept outside the database: 32 random bytes or "
            "more. Lost, nobody can sign in."
        ),
    )
    previous_peppers: tuple[SecretStr, ...] = Field(
        (), description="Comma-separated peppers that still verify; replaced at each login."
    )
    app_name: str = Field(
        "",
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="What the app is called, on its forms and in mails; no password may be "
        "made of it.",
    )
    logo: str = Field(
        "",
        pattern=r"^(https://.+|data:image/.+|([A-Za-z]:)?[^:]*)$",
        description="A picture above the forms: a file, or an https: or data: URL.",
    )
    hide_navigation: bool = Field(
        default=False,
        description=(
            "`on`: hide the sidebar while `guard` shows the sign-in page. Titles of pages are kept "
            "from visitors by `auth.navigation`."
        ),
    )
    language: Literal["browser", "en", "de", "es", "fr", "ja", "pt", "zh"] = Field(
        "browser",
        description=(
            "What pages and mails speak: `browser` for what each browser asks for, or one of `en`, "
            "`de`, `es`, `fr`, `ja`, `pt`, `zh`."
        ),
    )
    public_url: HttpUrl | None = Field(
        None, description="Where people find the app: the base of links in mails."
    )
    smtp_url: SecretStr | None = Field(
        None, description="The mail server: smtp://user:password@host:587 or smtps://..."
    )
    mail_from: str | None = Field(
        None,
        pattern=r"^[^\s@<>]+@[^\s@<>]+$",
        description="The address that mails come from; needed with PERSISTAUTH_SMTP_URL.",
    )
    trusted_proxies: tuple[IPvAnyNetwork, ...] = Field(
        (), description="Comma-separated networks whose X-Forwarded-For is believed."
    )
    recheck_seconds: float = Field(
        0,
        ge=0,
        description=(
            "Without st.App: how often an open page asks whether its sign-in still counts; 0 for "
            "only when it runs. One query for each page."
        ),
    )
    protect_files: bool = Field(
        default=False,
        description=(
            "`on`, with st.App: media, uploads, static files and components only for browsers "
            "that somebody is signed in with."
        ),
    )
    frame_ancestors: str = Field(
        "'self'",
        pattern=r"^[\x21-\x3a\x3c-\x7e]+( [\x21-\x3a\x3c-\x7e]+)*$",
        description="With st.App: who may show the app in a frame, as a source list of CSP.",
    )
    csp_report_only: str = Field(
        "",
        pattern=r"^[\x20-\x7e]*$",
        description="With st.App: a Content-Security-Policy that browsers only report on.",
    )
    welcome: bool = Field(
        default=True, description='`off`: no "Welcome back!" when a kept sign-in is resumed.'
    )
    metrics: bool = Field(
        default=False,
        description=(
            "`on`: sign-ins, look-ups and events are counted and timed by OpenTelemetry; needs "
            "streamlit-persistauth[otel]."
        ),
    )
    debug_auth: bool = Field(
        default=False, description="Log every auth event at DEBUG; never a secret."
    )

    def __init__(self, *, secrets: Mapping[str, Any] | None = None, **values: Any) -> None:  # noqa: ANN401 - of every field's type
        """Read all sources.

        Args:
            secrets: The section `persistauth` of `st.secrets`, if there is one.
            **values: Fields by name; they win over every other source.

        Raises:
            ConfigError: A value is malformed or a name unknown.
        """
        fields = type(self).model_fields
        refuse_unknown(values, fields)
        outside = read_sources(secrets or {}, [environment_name(field) for field in fields])
        found = {
            field: outside[environment_name(field)]
            for field in fields
            if environment_name(field) in outside
        }
        try:
            super().__init__(**(found | values))
        except ValidationError as error:
            raise _explain(error) from None
        if 0 < self.idle_timeout_minutes * 60 < 2 * self.revalidate_seconds:
            raise ConfigError(
                "PERSISTAUTH_REVALIDATE_SECONDS",
                "it may be at most half of PERSISTAUTH_IDLE_TIMEOUT_MINUTES, or a sign-in that is "
                "in use elsewhere seems idle.",
            )

    @field_validator(
        "jwt_previous_keys", "previous_peppers", "token_claims", "trusted_proxies", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(item.strip() for item in value.split(",") if item.strip())
        return value


def environment() -> tuple[str | None, ...]:
    """Return the values of all our environment variables: what a cached reading depends on."""
    return tuple(map(os.environ.get, _NAMES))


def read_settings() -> AuthSettings:
    """Return the settings of the environment, `.env` and Streamlit's secrets.

    Raises:
        ConfigError: A value is malformed, a name unknown, or a file of settings cannot be read.
    """
    return AuthSettings(secrets=read_secrets(_NAMES))


_NAMES: Final = tuple(map(environment_name, AuthSettings.model_fields))


def _explain(error: ValidationError) -> ConfigError:
    """Say in one sentence what is wrong with the first malformed value, without the value."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = str(first["loc"][0]) if first["loc"] else "settings"
    name = environment_name(place) if place in AuthSettings.model_fields else place.upper()
    fault = first["msg"][0].lower() + first["msg"][1:]
    return ConfigError(name, f"{fault}.")
