"""The protected page by `st.App`, with a route that counts what the process holds."""

import gc
import threading
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.apps.cases import auth, main

from streamlit_persistauth.core.passwords.hasher import QUEUE
from streamlit_persistauth.core.sessions.open_sessions import OpenSessions
from streamlit_persistauth.request import handshake
from streamlit_persistauth.web.connections import Connection, connections
from streamlit_persistauth.web.gate import Gate
from streamlit_persistauth.web.owners import owners


def count(_request: Request) -> JSONResponse:
    """Return the sizes after a collection."""
    gc.collect()
    gc.collect()
    found = gc.get_objects()
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return JSONResponse(
        {
            "connections": len(connections),
            "handshakes": len(handshake._known),
            "owners": len(owners),
            "watched": sum(len(one._known) for one in found if isinstance(one, OpenSessions)),
            "gates": sum(isinstance(one, Gate) for one in found),
            "connection objects": sum(isinstance(one, Connection) for one in found),
            "hash queue": len(QUEUE._places) + len(QUEUE._waiting),
            "locks": sum(type(one).__name__ in {"lock", "RLock"} for one in found),
            "scripts": sum(
                one.name == "ScriptRunner.scriptThread" for one in threading.enumerate()
            ),
            "threads": threading.active_count(),
            "resident": int(resident.split()[1]),
        }
    )


if __name__ == "__main__":
    main()
else:
    app = st.App(
        __file__, routes=[Route("/sizes", count), *auth.routes()], middleware=auth.middleware()
    )
