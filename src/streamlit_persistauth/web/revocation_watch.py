"""Detects that a sign-in was revoked or has expired while its pages are open."""

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Final

from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.web.connections import Connections
from streamlit_persistauth.web.store_threads import run_in_store_thread

logger = logging.getLogger("streamlit_persistauth")

INTERVAL: Final = 0.5
"""Seconds between two reads of the store."""

FindLive = Callable[[Collection[str]], set[str]]
"""Returns which of these sign-ins are valid."""


class Watch:
    """Reads regularly from the store which sign-ins of the open connections are valid.

    One query for all connections of this process; none while no user is signed in.
    """

    def __init__(self, connections: Connections, find_live: FindLive) -> None:
        self._connections = connections
        self._find_live = find_live
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start on the running event loop; stop when no connection is open."""
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self._task = loop.create_task(self._run())

    async def look(self) -> None:
        """Read once, and end the connections whose sign-in is not valid."""
        bound = {connection: connection.session_id for connection in self._connections.bound()}
        wanted = {session_id for session_id in bound.values() if session_id is not None}
        if not wanted:
            return
        try:
            live = await run_in_store_thread(self._find_live, wanted)
        except StoreError:  # logged by the store; the next read comes soon
            return
        for connection, session_id in bound.items():
            if session_id is not None and session_id not in live:
                connection.end(session_id)

    async def _run(self) -> None:
        while self._connections:
            await asyncio.sleep(INTERVAL)
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - the next read has to come
                logger.error("open pages could not be checked: %s", type(error).__name__)  # noqa: TRY400
