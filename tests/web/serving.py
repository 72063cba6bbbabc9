"""The whole service on a real port, and editions published into its database."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import httpx
import uvicorn
from fastapi import FastAPI

from service import worker
from service.accounts import sessions
from service.app import create
from service.content.models import Content
from service.editions import importing
from service.runtime import lockfile
from service.runtime.embedded import data_dir, external
from service.settings import Settings
from service.store import schema
from service.store.graph import Graph

STARTS_WITHIN = 20.0
WARM_WITHIN = 120.0


@contextmanager
def served(settings: Settings) -> Iterator[tuple[FastAPI, httpx.Client]]:
    """The application as a worker serves it, and a client of it, over HTTP."""
    app = create(settings)
    config = worker.configuration(settings)
    config.app, config.factory, config.host, config.port = app, False, "127.0.0.1", 0
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + STARTS_WITHIN
    while not server.started and thread.is_alive() and time.monotonic() < until:
        time.sleep(0.02)
    assert server.started, "the service did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
            yield app, client
    finally:
        server.should_exit = True
        thread.join(10)


def publish(
    settings: Settings, content: Content, *, title: str, draft: bool = False, beneath: Content | None = None
) -> int:
    """The number of the edition with this content, live (or a draft); `beneath` is the law that it lies on."""

    async def imported() -> int:
        graph = Graph.open(external(settings))
        try:
            done = await importing.import_content(graph, content, publish=not draft, title=title, beneath=beneath)
        finally:
            await graph.close()
        return done.edition.number

    return asyncio.run(imported())


def staff_session(settings: Settings) -> str:
    """The session of somebody of the staff."""

    async def opened() -> str:
        graph = Graph.open(external(settings))
        try:
            await schema.prepare(graph)
            return await sessions.open_session(graph, hours=1)
        finally:
            await graph.close()

    return asyncio.run(opened())


@contextmanager
def hanging(settings: Settings) -> Iterator[None]:
    """The embedded database of these settings stands still and keeps its connections open, until the block ends."""
    holder = lockfile.holder(data_dir(settings))
    assert holder is not None and holder.database_pid is not None
    os.kill(holder.database_pid, signal.SIGSTOP)
    while not _stands_still(holder.database_pid):
        time.sleep(0.01)
    try:
        yield
    finally:
        os.kill(holder.database_pid, signal.SIGCONT)


def _stands_still(pid: int) -> bool:
    """Whether every thread has stopped: on a busy machine some run on for a moment after the signal."""
    states = [(task / "stat").read_text().rpartition(") ")[2][0] for task in Path(f"/proc/{pid}/task").iterdir()]
    return set(states) == {"T"}


def settled(client: httpx.Client, path: str) -> httpx.Response:
    """The answer once the database has planned its statements: on a busy machine the first may take too long."""
    until = time.monotonic() + WARM_WITHIN
    while time.monotonic() < until:
        with suppress(httpx.ReadTimeout):
            if (answer := client.get(path)).status_code != 503:
                return answer
        time.sleep(0.2)
    return client.get(path)
