"""Stands between Playwright and Firefox ESR: a program that Playwright starts in Firefox's place.

Playwright speaks WebDriver BiDi of Firefox's newest version. What the long-term one does not know of it, and changes
nothing that a journey asks for, is answered here; every other frame is passed on as it is. Beside that, a test may ask
the browser itself, by a second socket, what it keeps: no page could tell.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection
    from websockets.asyncio.server import ServerConnection

# Dark colours, which Playwright always sets, to none: no journey asks for another scheme.
UNKNOWN_AND_OF_NO_CONSEQUENCE = frozenset({"emulation.setMediaFeaturesOverride"})
# The path of the socket by which a test asks the browser itself.
INSIDE = "/inside"
# Where to write down the port of the two sockets.
PORT_FILE = "FIREFOX_BETWEEN_PORT_FILE"

LISTENS = re.compile(r"(WebDriver BiDi listening on )(ws://\S+)")
# A frame is as large as the page or picture in it, and goes no further than this machine.
PLAIN: dict[str, Any] = {"max_size": None, "compression": None, "ping_interval": None}
# Playwright counts its commands from 1.
FIRST_OWN_ID = 1_000_000_000
# Seconds in which Firefox ends after Playwright has told it to, or else is made to.
PATIENCE = 10


class Between:
    """Passes frames on between Playwright and a Firefox that listens at `address`."""

    def __init__(self) -> None:
        self.address = ""
        self.over = asyncio.Event()
        self._firefox: ClientConnection | None = None
        self._own_ids = itertools.count(FIRST_OWN_ID)
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def answer(self, caller: ServerConnection) -> None:
        """Serve one socket until either end closes it."""
        assert caller.request
        with contextlib.suppress(ConnectionClosed):
            if caller.request.path == INSIDE:
                await self._answer_from_inside(caller)
                return
            async with connect(f"{self.address}/session", **PLAIN) as self._firefox:
                ways = [asyncio.create_task(self._to_firefox(caller)), asyncio.create_task(self._to_playwright(caller))]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            self.over.set()

    async def _to_firefox(self, playwright: ServerConnection) -> None:
        assert self._firefox
        async for frame in playwright:
            command = json.loads(frame)
            if command["method"] in UNKNOWN_AND_OF_NO_CONSEQUENCE:
                await playwright.send(json.dumps({"type": "success", "id": command["id"], "result": {}}))
            else:
                await self._firefox.send(frame)

    async def _to_playwright(self, playwright: ServerConnection) -> None:
        assert self._firefox
        async for frame in self._firefox:
            message = json.loads(frame)
            if asked := self._asked.pop(message.get("id"), None):
                asked.set_result(message)
            else:
                await playwright.send(frame)

    async def _answer_from_inside(self, test: ServerConnection) -> None:
        """Run each script that comes in the window of the browser itself; answer with what it returns."""
        async for script in test:
            tree = await self._ask("browsingContext.getTree", {"moz:scope": "chrome"})
            window = tree["result"]["contexts"][0]["context"]
            told = {"expression": script, "target": {"context": window}, "awaitPromise": True}
            await test.send(json.dumps(await self._ask("script.evaluate", told)))

    async def _ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        assert self._firefox
        number = next(self._own_ids)
        self._asked[number] = asyncio.get_running_loop().create_future()
        await self._firefox.send(json.dumps({"id": number, "method": method, "params": params}))
        return await self._asked[number]


async def _print(lines: asyncio.StreamReader, between: Between, *, port: int) -> None:
    """Print what Firefox prints, with this program's address in place of its own."""
    async for line in lines:
        text = line.decode(errors="replace")
        if listens := LISTENS.search(text):
            between.address = listens[2]
            text = f"{listens[1]}ws://127.0.0.1:{port}\n"
        sys.stderr.write(text)
        sys.stderr.flush()


async def run(command: list[str]) -> int:
    """Run Firefox until it ends or Playwright does; return its exit code."""
    between = Between()
    firefox = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE, limit=2**20)
    assert firefox.stderr
    try:
        async with serve(between.answer, "127.0.0.1", 0, **PLAIN) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            Path(os.environ[PORT_FILE]).write_text(str(port), encoding="ascii")
            ends = [_print(firefox.stderr, between, port=port), between.over.wait()]
            await asyncio.wait([asyncio.create_task(end) for end in ends], return_when=asyncio.FIRST_COMPLETED)
            return await asyncio.wait_for(firefox.wait(), PATIENCE)
    finally:
        with contextlib.suppress(ProcessLookupError):
            firefox.kill()


if __name__ == "__main__":
    sys.exit(asyncio.run(run(sys.argv[1:])))
