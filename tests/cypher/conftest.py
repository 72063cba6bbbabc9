"""A graph on the module's store, prepared, for the tests of the statements."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from service.store import schema
from service.store.graph import Address, Graph


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def graph(address: Address) -> AsyncIterator[Graph]:
    """The door to the module's store."""
    made = Graph.open(address)
    await schema.prepare(made)
    yield made
    await made.close()
