"""A FastAPI program beside an app, which knows the app's users."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import FastAPI
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket

from streamlit_persistauth import Authenticator, User

auth = Authenticator()
app = FastAPI()


@app.get("/api/me")
@auth.require_login()
def me(user: User) -> str:
    """Return the address of the user."""
    return user.email


@app.get("/api/coroutine")
@auth.require_login()
async def coroutine(user: User) -> str:
    """Return the same from a coroutine."""
    return user.email


@app.get("/api/connection")
@auth.require_login()
def connection(connection: Annotated[HTTPConnection, "the request"], user: User) -> str:
    """Return the same, and take the request."""
    return user.email if connection.headers else ""


@app.get("/api/stream")
@auth.require_login()
def stream(user: User) -> Iterator[str]:
    """Send the same as a stream of lines."""
    yield user.email


@app.post("/api/notes")
@auth.require_login()
def add_note(text: str, user: User) -> str:
    """Return what was posted."""
    return f"{user.email}: {text}"


@app.get("/api/admin")
@auth.require_login(roles=["admin"])
def admin(user: User) -> str:
    """Return the address of an administrator."""
    return user.email


@app.websocket("/api/feed")
@auth.require_login()
async def feed(websocket: WebSocket, user: User) -> None:
    """Send the address of the user."""
    await websocket.accept()
    await websocket.send_text(user.email)
    await websocket.close()
