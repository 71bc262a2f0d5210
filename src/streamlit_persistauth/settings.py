"""The settings of an app, read from the environment, `.env` and `st.secrets`.

One file, because it is one list: each setting with its help text, type and default.
"""

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

from streamlit_persistauth.core.accounts.login_names import LoginBy
from streamlit_persistauth.core.csp import STRICT, fault_of
from streamlit_persistauth.core.passwords.hasher import DEFAULT_ROUNDS
from streamlit_persistauth.core.text.mail_domains import canonical_domain
from streamlit_persistauth.core.text.senders import parse_sender
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.setting_errors import explain
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
    """All settings, typed and frozen.

    Each field is read from the first of these sources that has it: an argument, its environment
    variable, `.env` in the working directory, `st.secrets["persistauth"]` under the name of the
    field or of the variable in lower case. A repr hides keys, peppers and URLs that may hold a
    password.

    Raises:
        ConfigError: A value is malformed or a name unknown.
    """

    model_config = ConfigDict(frozen=True)

    jwt_secret_key: SecretStr | None = Field(
        None, description="Signs the credentials: 32 random bytes or more."
    )
    jwt_previous_keys: tuple[SecretStr, ...] = Field(
        (), description="Comma-separated former keys: they verify credentials but sign none."
    )
    token_expiry_hours: float = Field(
        24,
        gt=0,
        le=24 * 400,  # browsers keep no cookie longer (RFC 6265bis 5.5)
        description="How long a session lasts, in hours; may be a fraction.",
    )
    refresh_token_expiry_days: float = Field(
        30, gt=0, le=400, description="With renewal: how long a session lasts at most, in days."
    )
    renewal: bool = Field(
        default=False,
        description=(
            "`on`: after TOKEN_EXPIRY_HOURS the browser gets a new credential and the session goes "
            "on, until REFRESH_TOKEN_EXPIRY_DAYS."
        ),
    )
    idle_timeout_minutes: float = Field(
        0,
        ge=0,
        le=400 * 24 * 60,
        description="A session expires after this many minutes without use; 0 for never.",
    )
    max_sessions: int = Field(
        0,
        ge=0,
        description=(
            "Sessions that a user may have; a further one revokes the oldest. 0 for any number."
        ),
    )
    token_claims: tuple[Literal["email"], ...] = Field(
        (),
        description=(
            "`email` adds the address to the credential, for services that read it there. Off by "
            "default: a cookie should hold no personal data (NIST SP 800-63B-4 5.1.1)."
        ),
    )
    database_url: str = Field(
        "sqlite:///persistauth.db", description="SQLAlchemy URL of the database.", repr=False
    )
    token_store_url: str | None = Field(
        None,
        description=(
            "The store of sessions, if not the database: redis://host:6379/0, "
            "redis+sentinel://host1,host2/service, redis+cluster://host1,host2, memory:// or an "
            "SQLAlchemy URL."
        ),
        repr=False,
    )
    store_timeout_seconds: float = Field(
        5,
        gt=0,
        le=300,
        description=(
            "How long a call of the database or of Redis may take, in seconds. After a call that "
            "takes longer, pages show at once that sign-in is unavailable, until the store answers."
        ),
    )
    synchronous_revocations: bool = Field(
        default=False,
        description=(
            "PostgreSQL: whether a revocation waits until the standbys in "
            "`synchronous_standby_names` have it, even where `synchronous_commit` is `local` or "
            "`off`."
        ),
    )
    redis_replicas: int = Field(
        0,
        ge=0,
        le=100,
        description=(
            "How many replicas of Redis have to confirm a revocation, so that it survives a "
            "failover. If they do not, the session is revoked on the primary and an error is shown."
        ),
    )
    revalidate_seconds: float = Field(
        0,
        ge=0,
        le=300,
        description=(
            "How many seconds a process caches sessions; 0 to read the store at every run. A "
            "session that another process revokes stays valid for so long."
        ),
    )
    auto_purge_hours: float = Field(
        0,
        ge=0,
        le=36_500 * 24,
        description="Hours between automatic purges of what expired 30 days ago; 0 for none.",
    )
    event_retention_days: float = Field(
        0,
        ge=0,
        le=36_500,
        description="Days after which a purge deletes events; 0 to keep them.",
    )
    cookie_name: str = Field(
        "persistauth",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="Name of the cookie; on HTTPS it gets the prefix `__Host-`.",
    )
    answer_seconds: float = Field(
        3,
        ge=0,
        le=30,
        description=(
            "Seconds that a page waits for a credential that it has to request from the browser, "
            "before it shows the sign-in form; 0 for no wait."
        ),
    )
    embedded: bool = Field(
        default=False,
        description=(
            "`on`: users stay signed in where the app is framed by another site, on HTTPS, with "
            "a cookie per site (CHIPS). Name the sites in PERSISTAUTH_FRAME_ANCESTORS."
        ),
    )
    login_by: LoginBy = Field(
        LoginBy.EMAIL,
        description="What users sign in with: `email`, `username`, or `either` of them.",
    )
    registration: Registration = Field(
        "first",
        description=(
            "Who may register: `first`, one visitor, who becomes administrator, while there is no "
            "account; `open`, every visitor; `invited`, visitors with an invitation; `closed`, no "
            "visitor."
        ),
    )
    registration_domains: tuple[str, ...] = Field(
        (),
        description=(
            "Comma-separated mail domains whose addresses visitors may register or change to: "
            "`example.org` for this domain only, `.example.org` for its subdomains too. Empty for "
            "any. Does not apply to invitations and administrators."
        ),
    )
    email_verification: bool = Field(
        default=False,
        description=(
            "`on`: a new user must confirm their address by a link before they can sign in; needs "
            "mail. The first account of PERSISTAUTH_REGISTRATION=first needs no confirmation."
        ),
    )
    password_min_length: int = Field(
        8, ge=8, le=64, description="Characters that a new password needs at least."
    )
    bcrypt_rounds: int = Field(
        DEFAULT_ROUNDS,
        ge=4,
        le=20,
        description="Cost of password hashes, as a power of two; below 10 only for tests.",
    )
    pepper: SecretStr | None = Field(
        None,
        description=(
            "A secret added to every password hash and kept outside the database: 32 random bytes "
            "or more. Without it no password works."
        ),
    )
    previous_peppers: tuple[SecretStr, ...] = Field(
        (),
        description=(
            "Comma-separated former peppers. Each hash gets the current one at the next sign-in."
        ),
    )
    app_name: str = Field(
        "",
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="The name of the app on forms and in mails. Passwords must not consist of it.",
    )
    logo: str = Field(
        "",
        pattern=r"^(https://.+|data:image/.+|([A-Za-z]:)?[^:]*)$",
        description="An image above the forms: a file, or an https: or data: URL.",
    )
    hide_navigation: bool = Field(
        default=False,
        description=(
            "`on`: hide the sidebar while `guard` shows the sign-in page. To hide page titles from "
            "visitors, use `auth.navigation`."
        ),
    )
    language: Literal["browser", "en", "de", "es", "fr", "ja", "pt", "zh"] = Field(
        "browser",
        description=(
            "The language of pages and mails: `browser` for the one that each browser prefers, or "
            "one of `en`, `de`, `es`, `fr`, `ja`, `pt`, `zh`."
        ),
    )
    public_url: HttpUrl | None = Field(
        None, description="The public address of the app: the base of links in mails."
    )
    smtp_url: SecretStr | None = Field(
        None, description="The mail server: smtp://user:password@host:587 or smtps://..."
    )
    mail_from: str | None = Field(
        None,
        description=(
            'The sender of mails, such as `"Acme Ltd" <no-reply@acme.org>`, or an address alone; '
            "needed with PERSISTAUTH_SMTP_URL."
        ),
    )
    trusted_proxies: tuple[IPvAnyNetwork, ...] = Field(
        (), description="Comma-separated networks of proxies whose X-Forwarded-For is trusted."
    )
    recheck_seconds: float = Field(
        0,
        ge=0,
        le=24 * 60 * 60,
        description=(
            "Without st.App: seconds between checks whether the session of an open page is still "
            "valid, one query per page; 0 to check only when the page runs."
        ),
    )
    protect_files: bool = Field(
        default=False,
        description=(
            "`on`, with st.App: only signed-in browsers get media, uploads, static files and "
            "components."
        ),
    )
    frame_ancestors: str = Field(
        "'self'",
        pattern=r"^[\x21-\x2b\x2d-\x3a\x3c-\x7e]+( [\x21-\x2b\x2d-\x3a\x3c-\x7e]+)*$",
        description="With st.App: the sites that may frame the app, as a CSP source list.",
    )
    csp: str = Field(
        "",
        pattern=r"^[\x20-\x7e]*$",
        description=(
            "With st.App: the Content-Security-Policy of pages: `strict` for the tightest under "
            "which Streamlit works, or a policy without frame-ancestors."
        ),
    )
    csp_report_only: str = Field(
        "",
        pattern=r"^[\x20-\x7e]*$",
        description=(
            "With st.App: a Content-Security-Policy that browsers report on, not enforce; also "
            "`strict`."
        ),
    )
    welcome: bool = Field(
        default=True, description='`off`: show no "Welcome back!" when a session is resumed.'
    )
    metrics: bool = Field(
        default=False,
        description=(
            "`on`: measure sign-ins, look-ups and events with OpenTelemetry; needs "
            "streamlit-persistauth[otel]."
        ),
    )
    debug_auth: bool = Field(
        default=False, description="`on`: log at level DEBUG, which has every event and no secret."
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
            field: outside[environment_name(field)].value
            for field in fields
            if environment_name(field) in outside
        }
        try:
            super().__init__(**(found | values))
        except ValidationError as error:
            field, fault = explain(error)
            raise ConfigError(environment_name(field), fault) from None
        self._check_policies()
        if 0 < self.idle_timeout_minutes * 60 < 2 * self.revalidate_seconds:
            raise ConfigError(
                "PERSISTAUTH_REVALIDATE_SECONDS",
                "it may be at most half of PERSISTAUTH_IDLE_TIMEOUT_MINUTES, because a session in "
                "use elsewhere would seem idle.",
            )

    def _check_policies(self) -> None:
        frames = {"frame-ancestors": environment_name("frame_ancestors")}
        for field, reserved in (("csp", frames), ("csp_report_only", {})):
            policy: str = getattr(self, field)
            fault = None if policy in {"", STRICT} else fault_of(policy, reserved=reserved)
            if fault:
                raise ConfigError(environment_name(field), fault)

    @field_validator(
        "jwt_previous_keys",
        "previous_peppers",
        "token_claims",
        "registration_domains",
        "trusted_proxies",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(item.strip() for item in value.split(",") if item.strip())
        return value

    @field_validator("registration_domains")
    @classmethod
    def _canonical(cls, domains: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(canonical_domain, domains))

    @field_validator("mail_from")
    @classmethod
    def _check_sender(cls, sender: str | None) -> str | None:
        if sender is not None:
            parse_sender(sender)
        return sender


def environment() -> tuple[str | None, ...]:
    """Return the values of all our environment variables, as a key for cached settings."""
    return tuple(map(os.environ.get, _NAMES))


def read_settings() -> AuthSettings:
    """Read the settings from the environment, `.env` and Streamlit's secrets.

    Raises:
        ConfigError: A value is malformed, a name unknown, or a file of settings cannot be read.
    """
    return AuthSettings(secrets=read_secrets(_NAMES))


def read_origins() -> dict[str, str]:
    """Return where each setting is given, by field: `environment`, `.env` or `secrets.toml`.

    Raises:
        ConfigError: As `read_settings`.
    """
    given = read_sources(read_secrets(_NAMES), _NAMES)
    return {
        field: given[environment_name(field)].source
        for field in AuthSettings.model_fields
        if environment_name(field) in given
    }


_NAMES: Final = tuple(map(environment_name, AuthSettings.model_fields))
