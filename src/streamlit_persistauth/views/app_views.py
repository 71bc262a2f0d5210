"""The views of one app."""

from functools import cached_property

from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.views.account_panel import AccountPanel
from streamlit_persistauth.views.admin_panel import AdminPanel
from streamlit_persistauth.views.devices import Devices
from streamlit_persistauth.views.forgot_password import ForgotPassword
from streamlit_persistauth.views.guard import Guard
from streamlit_persistauth.views.link_forms import LinkForms
from streamlit_persistauth.views.login_page import LoginPage
from streamlit_persistauth.views.profile_forms import ProfileForms
from streamlit_persistauth.views.user_menu import UserMenu
from streamlit_persistauth.web.endpoints import EndpointGuard
from streamlit_persistauth.wiring import asgi
from streamlit_persistauth.wiring.services import Services


class AppViews:
    """Builds each view on first use: a run that draws no form builds no form."""

    def __init__(self, services: Services, current_user: CurrentUser) -> None:
        self._services = services
        self._current_user = current_user

    @cached_property
    def guard(self) -> Guard:
        services = self._services
        public_url = services.settings.public_url
        endpoints = EndpointGuard(
            asgi.request_users(services), str(public_url) if public_url else None, services.clock
        )
        return Guard(services, self._current_user, lambda: self.login_page, endpoints)

    @cached_property
    def login_page(self) -> LoginPage:
        return LoginPage(self._services, self._current_user, self.forgot_password, self.link_forms)

    @cached_property
    def forgot_password(self) -> ForgotPassword:
        return ForgotPassword(self._services, self._current_user)

    @cached_property
    def link_forms(self) -> LinkForms:
        return LinkForms(self._services, self._current_user)

    @cached_property
    def profile_forms(self) -> ProfileForms:
        return ProfileForms(self._services, self._current_user)

    @cached_property
    def devices(self) -> Devices:
        return Devices(self._services, self._current_user)

    @cached_property
    def account_panel(self) -> AccountPanel:
        return AccountPanel(self._services, self._current_user, self.profile_forms, self.devices)

    @cached_property
    def user_menu(self) -> UserMenu:
        return UserMenu(self._current_user, self._services, lambda: self.account_panel)

    @cached_property
    def admin_panel(self) -> AdminPanel:
        return AdminPanel(self._services, self._current_user)
