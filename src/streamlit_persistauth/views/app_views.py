"""The views of one app."""

from functools import cached_property
from typing import TYPE_CHECKING

from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.views.guard import Guard
from streamlit_persistauth.wiring.services import Services

if TYPE_CHECKING:
    from streamlit_persistauth.views.account_panel import AccountPanel
    from streamlit_persistauth.views.admin_panel import AdminPanel
    from streamlit_persistauth.views.devices import Devices
    from streamlit_persistauth.views.forgot_password import ForgotPassword
    from streamlit_persistauth.views.link_forms import LinkForms
    from streamlit_persistauth.views.login_page import LoginPage
    from streamlit_persistauth.views.profile_forms import ProfileForms
    from streamlit_persistauth.views.user_menu import UserMenu
    from streamlit_persistauth.web.endpoints import EndpointGuard


class AppViews:
    """Loads and builds each view on first use: a run that draws no form loads no form."""

    def __init__(self, services: Services, current_user: CurrentUser) -> None:
        self._services = services
        self._current_user = current_user

    def load(self) -> None:
        """Build all views, which loads their modules."""
        for name, member in vars(AppViews).items():
            if isinstance(member, cached_property):
                getattr(self, name)

    @cached_property
    def guard(self) -> Guard:
        return Guard(
            self._services,
            self._current_user,
            lambda: self.login_page,
            lambda: self.endpoint_guard,
        )

    @cached_property
    def endpoint_guard(self) -> "EndpointGuard":
        from streamlit_persistauth.web.endpoints import EndpointGuard
        from streamlit_persistauth.wiring import asgi

        services = self._services
        public_url = services.settings.public_url
        return EndpointGuard(
            asgi.request_users(services), str(public_url) if public_url else None, services.clock
        )

    @cached_property
    def login_page(self) -> "LoginPage":
        from streamlit_persistauth.views.login_page import LoginPage

        return LoginPage(self._services, self._current_user, self.forgot_password, self.link_forms)

    @cached_property
    def forgot_password(self) -> "ForgotPassword":
        from streamlit_persistauth.views.forgot_password import ForgotPassword

        return ForgotPassword(self._services, self._current_user)

    @cached_property
    def link_forms(self) -> "LinkForms":
        from streamlit_persistauth.views.link_forms import LinkForms

        return LinkForms(self._services, self._current_user)

    @cached_property
    def profile_forms(self) -> "ProfileForms":
        from streamlit_persistauth.views.profile_forms import ProfileForms

        return ProfileForms(self._services, self._current_user)

    @cached_property
    def devices(self) -> "Devices":
        from streamlit_persistauth.views.devices import Devices

        return Devices(self._services, self._current_user)

    @cached_property
    def account_panel(self) -> "AccountPanel":
        from streamlit_persistauth.views.account_panel import AccountPanel

        return AccountPanel(self._services, self._current_user, self.profile_forms, self.devices)

    @cached_property
    def user_menu(self) -> "UserMenu":
        from streamlit_persistauth.views.user_menu import UserMenu

        return UserMenu(self._current_user, self._services, lambda: self.account_panel)

    @cached_property
    def admin_panel(self) -> "AdminPanel":
        from streamlit_persistauth.views.admin_panel import AdminPanel

        return AdminPanel(self._services, self._current_user)
