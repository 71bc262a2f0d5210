"""The route `/persistauth/health`: whether the stores answer, and whether the clock is wrong."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.web.routes import METHODS
from streamlit_persistauth.web.store_threads import run_in_store_thread

HEALTH_PATH: Final = "/persistauth/health"
KEPT: Final = timedelta(seconds=1)
"""How long an answer is reused."""
PATIENCE_SECONDS: Final = 3
"""How long a store may take to respond."""


class HealthRoute:
    """Responds to GET with 200 or 503, for load balancers and monitoring.

    However many requests there are, the stores are checked at most once a second, and never twice
    at a time.
    """

    def __init__(
        self,
        check: Callable[[], bool],
        *,
        is_skewed: Callable[[], bool] = lambda: False,
        clock: Clock,
    ) -> None:
        """Serve the result of a check.

        Args:
            check: Returns whether the stores respond.
            is_skewed: Returns whether the machine's clock was found to be wrong; asks no store.
            clock: Returns the time.
        """
        self._check = check
        self._is_skewed = is_skewed
        self._clock = clock
        self._checked_at: datetime | None = None
        self._checking: asyncio.Future[bool] | None = None
        self._is_well = False

    def routes(self, base_path: str) -> list[Route]:
        """Return the route, below `base_path`."""
        return [Route(base_path + HEALTH_PATH, self._respond, methods=METHODS)]

    async def _respond(self, request: Request) -> Response:
        headers = {"Cache-Control": "no-store"}
        if request.method not in {"GET", "HEAD"}:
            return JSONResponse({"ok": False}, 405, headers | {"Allow": "GET, HEAD"})
        well = await self._read()
        skewed = {"clock_skewed": True} if self._is_skewed() else {}
        return JSONResponse({"ok": well, **skewed}, 200 if well else 503, headers)

    async def _read(self) -> bool:
        """Return the last result while it is recent, or that of the check in progress."""
        checking = self._checking
        if checking is None or checking.done():
            now = self._clock()
            if self._checked_at is not None and now < self._checked_at + KEPT:
                return self._is_well
            self._checked_at = now
            checking = self._checking = asyncio.ensure_future(self._check_stores())
        with suppress(asyncio.TimeoutError):
            return await asyncio.wait_for(asyncio.shield(checking), PATIENCE_SECONDS)
        return False

    async def _check_stores(self) -> bool:
        self._is_well = False
        with suppress(StoreError):
            self._is_well = await run_in_store_thread(self._check)
        return self._is_well
