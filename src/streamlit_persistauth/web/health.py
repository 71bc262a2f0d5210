"""The route `/persistauth/health`: whether the stores answer, and nothing more."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.web.routes import METHODS

HEALTH_PATH: Final = "/persistauth/health"
KEPT: Final = timedelta(seconds=1)
"""How long an answer is given again."""
PATIENCE_SECONDS: Final = 3
"""How long a store may take to answer."""


class HealthRoute:
    """Answers GET with 200 or 503, for load balancers and whoever else asks.

    However many ask, the stores are asked once a second at most, and never twice at a time.
    """

    def __init__(self, ask: Callable[[], bool], *, clock: Clock) -> None:
        """Serve what `ask` says: whether the stores answer."""
        self._ask = ask
        self._clock = clock
        self._asked_at: datetime | None = None
        self._question: asyncio.Future[bool] | None = None
        self._is_well = False

    def routes(self, base_path: str) -> list[Route]:
        """Return the route, below `base_path`."""
        return [Route(base_path + HEALTH_PATH, self._answer, methods=METHODS)]

    async def _answer(self, request: Request) -> Response:
        headers = {"Cache-Control": "no-store"}
        if request.method not in {"GET", "HEAD"}:
            return JSONResponse({"ok": False}, 405, headers | {"Allow": "GET, HEAD"})
        well = await self._find_out()
        return JSONResponse({"ok": well}, 200 if well else 503, headers)

    async def _find_out(self) -> bool:
        """Return the last answer while it is fresh, or the one that is on its way."""
        question = self._question
        if question is None or question.done():
            now = self._clock()
            if self._asked_at is not None and now < self._asked_at + KEPT:
                return self._is_well
            self._asked_at = now
            question = self._question = asyncio.ensure_future(self._ask_stores())
        with suppress(asyncio.TimeoutError):
            return await asyncio.wait_for(asyncio.shield(question), PATIENCE_SECONDS)
        return False

    async def _ask_stores(self) -> bool:
        self._is_well = False
        self._is_well = await asyncio.to_thread(self._ask)
        return self._is_well
