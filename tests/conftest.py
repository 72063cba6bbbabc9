"""What every test may ask for: a real Neo4j that is empty when a module begins, and the settings that lead to it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator

import hypothesis
import pytest
import pytest_asyncio

from service import clock
from service.errors import CannotStart
from service.settings import Settings
from service.store import schema
from service.store.graph import Address, Graph
from tests import databases
from tests.clocks import Moving
from tests.databases import OwnDatabase, a_database, emptied, leading_to

os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")
"""No database of the tests lives long enough for its best compiler to pay: a third less processor time without."""

hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")
"""How long one example takes says more of what else the machine does than of the code."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for a database is slow, and so no part of `make test-fast`."""
    for item in items:
        if {"database", "own_database"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch) -> Moving:
    """The clock of this test: it stands still until it is moved."""
    moving = Moving()
    monkeypatch.setattr(clock, "monotonic", moving)
    return moving


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """Where the Neo4j of this process answers. Nothing in it is kept; without one tests fail, none skips."""
    terminal = request.config.pluginmanager.getplugin("terminalreporter")
    tell = terminal.write_line if terminal else print
    try:
        with a_database(tmp_path_factory.mktemp("database"), tell) as found:
            yield found
    except CannotStart as error:
        pytest.fail(error.message)


@pytest.fixture(scope="module")
def own_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnDatabase]:
    """A database of this module alone: that of the session must be neither stopped nor replaced."""
    with databases.own_database(tmp_path_factory.mktemp("own")) as made:
        yield made


@pytest.fixture(scope="module")
def address(database: Address) -> Address:
    """Where the store of this module answers: what other modules left in it is gone, so that any order will do."""
    emptied(database)
    return database


@pytest.fixture(scope="module")
def settings(address: Address) -> Settings:
    """Settings of a service on the module's store, with the data directory that belongs to it."""
    assert address.evidence is not None
    return leading_to(Settings(data_dir=address.evidence.parent), address)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def graph(address: Address) -> AsyncIterator[Graph]:
    """The door to the module's store."""
    made = Graph.open(address)
    await schema.prepare(made)
    yield made
    await made.close()
