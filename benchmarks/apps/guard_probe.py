"""Measures the guard and its floor in a run of the script."""

import json
import os
import secrets
from time import perf_counter

import jwt
import streamlit as st
from sqlalchemy import create_engine, select

from streamlit_persistauth import Authenticator
from streamlit_persistauth.stores.sql.tables import users

KEY = secrets.token_urlsafe(48)
TOKEN = jwt.encode({"sub": "1", "exp": 4_000_000_000}, KEY, "HS256")
auth = Authenticator()
engine = create_engine(os.environ["PERSISTAUTH_DATABASE_URL"])


def main() -> None:
    """Measure, and write the figures as the last text element."""
    begin = perf_counter()
    user = auth.guard()
    first = perf_counter() - begin
    begin = perf_counter()
    auth.guard()
    second = perf_counter() - begin
    begin = perf_counter()
    jwt.decode(TOKEN, KEY, ["HS256"])
    with engine.connect() as connection:
        connection.execute(select(users).where(users.c.id == user.id)).first()
    floor = perf_counter() - begin
    figures = {"floor": floor, "first": first, "second": second}
    st.text(json.dumps({name: seconds * 1e6 for name, seconds in figures.items()}))
