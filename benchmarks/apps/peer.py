"""The page behind streamlit-authenticator, as its documentation shows it, with its defaults."""

import os

import content
import streamlit as st
import streamlit_authenticator as stauth

credentials = {
    "usernames": {
        "ada": {
            "email": "ada@example.com",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "password": os.environ["PEER_PASSWORD_HASH"],
        }
    }
}
authenticator = stauth.Authenticate(
    credentials, "peer", os.environ["PEER_COOKIE_KEY"], 1, auto_hash=False
)
authenticator.login()
if st.session_state.get("authentication_status"):
    content.draw()
