"""An `st.App` with a route of its own, which knows the user of the page."""

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.apps.dashboard import draw

from streamlit_persistauth import Authenticator, User

auth = Authenticator()


@auth.require_login()
def main(user: User) -> None:
    """Draw the page of the signed-in user."""
    draw(auth, user)


@auth.require_login()
async def me(_request: Request, user: User) -> Response:
    """Return the address of the user."""
    return JSONResponse({"email": user.email})


if __name__ == "__main__":
    main()
else:
    routes = [*auth.routes(), Route("/api/me", me, methods=["GET", "POST"])]
    app = st.App(__file__, routes=routes, middleware=auth.middleware())
