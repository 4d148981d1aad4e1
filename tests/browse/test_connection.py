"""Connections of readers: who neither asks nor reads is let go after a while, who does is not."""

import asyncio
import contextlib

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from browse import connection
from tests import waiting

LONG = "x" * 5_000_000
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


async def until(fulfilled):
    """Wait until something is so; the server's loop goes on meanwhile."""
    assert await asyncio.to_thread(waiting.until, fulfilled, seconds=30)


@contextlib.asynccontextmanager
async def serving(text):
    """Give the port of a server of one text."""
    config = uvicorn.Config(
        PlainTextResponse(text), http=connection.Connection, lifespan="off", log_config=None, port=0,
        timeout_keep_alive=60,
    )  # fmt: skip
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    yield server, server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(connection, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(connection, "_WATCH_SECONDS", 0.05)


@pytest.mark.row("F-WEB-11")
@pytest.mark.parametrize("said", [b"", HEAD, HEAD + b"\r\n", HEAD + b"\r\n" + HEAD])
def test_who_goes_on_with_nothing_is_let_go(said):
    """Whether nothing came yet, half a request, or half a second one behind an answer that was read or was not."""

    async def told():
        async with serving(LONG) as (server, port):
            _, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**12)
            writer.write(said)
            await until(lambda: server.server_state.connections)
            await until(lambda: not server.server_state.connections)
            writer.close()

    asyncio.run(told())


def test_who_asks_again_and_again_is_not():
    """A connection that is kept stays as long as requests come, each sooner than patience ends."""

    async def told():
        async with serving("short") as (_, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            begun = asyncio.get_running_loop().time()
            while asyncio.get_running_loop().time() < begun + 5 * connection.PATIENCE_SECONDS:
                writer.write(HEAD + b"\r\n")
                answer = await asyncio.wait_for(reader.readuntil(b"short"), 20)
                assert answer.startswith(b"HTTP/1.1 200")
            writer.close()

    asyncio.run(told())
