"""Turns settings into the configuration of the core."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread

from sqlalchemy import URL

from streamlit_persistauth.core.accounts.mails import Mailer
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.observer import Observer
from streamlit_persistauth.core.passwords.hasher import PasswordHasher
from streamlit_persistauth.core.passwords.policy import PasswordPolicy
from streamlit_persistauth.core.sessions.jwt_signer import TokenSigner
from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.core.storage.protocols import UserStore
from streamlit_persistauth.core.storage.purge import PurgeRules
from streamlit_persistauth.core.text.languages import ENGLISH
from streamlit_persistauth.core.text.mail_domains import MailDomains
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.mail.queue import MailQueue
from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.wiring.build import CoreConfig
from streamlit_persistauth.wiring.key_file import open_key_ring, open_peppers


def config_of(
    settings: AuthSettings,
    database: URL,
    *,
    users: UserStore,
    has_emails: bool,
    mailer: Mailer | None,
    observer: Observer,
    clock: Clock,
) -> CoreConfig:
    """Return the configuration of the core.

    Args:
        settings: The settings of the app.
        database: Its database; the key is kept beside an SQLite file.
        users: Its accounts.
        has_emails: Whether its accounts have addresses.
        mailer: Its own mailer, if it has one.
        observer: Measures it.
        clock: Returns the time that all replicas share.

    Raises:
        ConfigError: A key is weak or missing, or mail is needed and not set up.
    """
    mailer = _smtp_mailer(settings) if mailer is None else mailer
    keys = open_key_ring(settings, database)
    return CoreConfig(
        hasher=PasswordHasher(settings.bcrypt_rounds, peppers=open_peppers(settings)),
        signer=TokenSigner(keys, audience=settings.cookie_name, clock=clock),
        policy=PasswordPolicy(min_length=settings.password_min_length, app_name=settings.app_name),
        post_mail=MailQueue().post,
        post_purge=_run_aside,
        mailer=mailer,
        public_url=str(settings.public_url).rstrip("/") if settings.public_url else None,
        app_name=settings.app_name,
        language=ENGLISH if settings.language == "browser" else settings.language,
        lifetime=lifetime_of(settings),
        max_sessions=settings.max_sessions,
        email_claim="email" in settings.token_claims,
        domains=MailDomains(settings.registration_domains),
        login_by=settings.login_by,
        has_emails=has_emails,
        must_confirm=_confirmation_rule(settings, users, mailer),
        purge_rules=_purge_rules(settings),
        observer=observer,
        clock=clock,
    )


def _smtp_mailer(settings: AuthSettings) -> Mailer | None:
    if settings.smtp_url is None:
        return None
    if settings.mail_from is None:
        raise ConfigError("PERSISTAUTH_MAIL_FROM", "it is needed with PERSISTAUTH_SMTP_URL.")
    from streamlit_persistauth.mail.smtp import SMTPMailer

    return SMTPMailer(settings.smtp_url.get_secret_value(), settings.mail_from)


def _confirmation_rule(
    settings: AuthSettings, users: UserStore, mailer: Mailer | None
) -> Callable[[], bool]:
    """Return a function that returns whether the next registered address must be confirmed."""
    if not settings.email_verification:
        return lambda: False
    if mailer is None or settings.public_url is None:
        raise ConfigError(
            "PERSISTAUTH_EMAIL_VERIFICATION",
            "it needs mail: set PERSISTAUTH_SMTP_URL or pass a mailer, and set "
            "PERSISTAUTH_PUBLIC_URL.",
        )
    # The first account belongs to the operator. If it had to wait for a confirmation, another
    # visitor could register meanwhile.
    return lambda: settings.registration != "first" or not users.is_empty()


def lifetime_of(settings: AuthSettings) -> Lifetime:
    """Return the time limits of sessions."""
    renewal = timedelta(days=settings.refresh_token_expiry_days)
    idle = timedelta(minutes=settings.idle_timeout_minutes)
    return Lifetime(
        access=timedelta(hours=settings.token_expiry_hours),
        renewal=renewal if settings.renewal else None,
        idle=idle or None,
    )


def _purge_rules(settings: AuthSettings) -> PurgeRules:
    return PurgeRules(
        interval=timedelta(hours=settings.auto_purge_hours) or None,
        events=timedelta(days=settings.event_retention_days) or None,
    )


def _run_aside(job: Callable[[], None]) -> None:
    """Run a function on a thread that does not keep the process alive."""
    Thread(target=job, name="persistauth-purge", daemon=True).start()
