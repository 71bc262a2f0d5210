"""The protected page, served by plain `streamlit run`."""

from tests.apps.dashboard import chosen_caches, draw

from streamlit_persistauth import Authenticator, User

auth = Authenticator(cache=chosen_caches())


@auth.require_login()
def main(user: User) -> None:
    """Draw the page of the signed-in user."""
    draw(auth, user)


main()
