"""What every test may ask for: a real Neo4j, and the settings that lead to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.errors import CannotStart
from service.settings import Settings
from service.store.graph import Address
from tests.databases import a_database


@pytest.fixture(scope="session")
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    """Where the session's Neo4j answers. Nothing in it is kept; without one tests fail, none skips."""
    terminal = request.config.pluginmanager.getplugin("terminalreporter")
    tell = terminal.write_line if terminal else print
    try:
        with a_database(tmp_path_factory.mktemp("database"), tell) as found:
            yield found
    except CannotStart as error:
        pytest.fail(error.message)


@pytest.fixture(scope="session")
def settings(address: Address, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a service on the session's Neo4j, with a data directory of its own."""
    return Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        neo4j_uri=address.uri,
        neo4j_user=address.user,
        neo4j_password=address.password,
        neo4j_database=address.database,
    )
