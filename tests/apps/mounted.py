"""The app of `cases_served.py`, mounted below a path in another ASGI framework."""

from starlette.applications import Starlette
from starlette.routing import Mount
from tests.apps.cases_served import app as pages

app = Starlette(routes=[Mount("/app", pages)], lifespan=pages.lifespan())
