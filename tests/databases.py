"""A real Neo4j for the tests: the one that the environment names, else an embedded one, else a container."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from neo4j import GraphDatabase
from pydantic import SecretStr

from service.errors import CannotStart
from service.runtime import lockfile
from service.runtime.embedded import Embedded, database, evidence, started
from service.settings import Settings
from service.store.graph import Address

IMAGE = "neo4j:5.26-community"


@dataclass(frozen=True, slots=True)
class OwnDatabase:
    """A database that can be stopped, and settings that lead to it."""

    child: Embedded
    settings: Settings


@contextmanager
def own_database(folder: Path) -> Iterator[OwnDatabase]:
    """A database in the folder, with a lifetime of its own."""
    settings = Settings(data_dir=folder, neo4j_uri=None)
    with lockfile.claim(folder, command="test") as claim, started(settings, claim, tell=print) as child:
        yield OwnDatabase(child, leading_to(settings, child.address))


def leading_to(settings: Settings, address: Address) -> Settings:
    """The settings with the database at that address."""
    found = {
        "neo4j_uri": address.uri,
        "neo4j_user": address.user,
        "neo4j_password": SecretStr(address.password),
        "neo4j_database": address.database,
    }
    return settings.model_copy(update=found)


@contextmanager
def a_database(folder: Path, tell: Callable[[str], None]) -> Iterator[Address]:
    """Where a Neo4j for tests answers; nothing in it is kept. CannotStart says why there is none."""
    with ExitStack() as stack:
        found = named_by_environment() or _started(stack, folder, tell)
        yield replace(found, evidence=found.evidence or evidence(folder))


def named_by_environment() -> Address | None:
    """The database of TETSUZUKI_TEST_NEO4J_URI (with _USER, _PASSWORD, _DATABASE), or None."""
    given = {name: os.environ.get(f"TETSUZUKI_TEST_NEO4J_{name}") for name in ("URI", "USER", "PASSWORD", "DATABASE")}
    if given["URI"] is None:
        return None
    return Address(given["URI"], given["USER"] or "neo4j", given["PASSWORD"] or "", given["DATABASE"] or "neo4j")


def emptied(address: Address) -> None:
    """Takes every node out of the store, and what this host knows of it; constraints and indexes stay."""
    with (
        GraphDatabase.driver(address.uri, auth=(address.user, address.password)) as driver,
        driver.session(database=address.database) as session,
    ):
        session.run("MATCH (node) CALL (node) { DETACH DELETE node } IN TRANSACTIONS OF 2000 ROWS").consume()
    if address.evidence is not None:
        shutil.rmtree(address.evidence, ignore_errors=True)


@contextmanager
def container() -> Iterator[Address]:
    """A Neo4j in a container; an exception of docker or testcontainers where that does not run."""
    from testcontainers.community.neo4j import Neo4jContainer

    password = secrets.token_urlsafe(16)
    with Neo4jContainer(IMAGE, password=password) as neo4j:
        yield Address(neo4j.get_connection_url(), "neo4j", password, "neo4j")


def _started(stack: ExitStack, folder: Path, tell: Callable[[str], None]) -> Address:
    own = Settings(data_dir=folder, neo4j_uri=None)
    try:
        return stack.enter_context(database(own, tell=tell, command="test"))
    except CannotStart as embedded:
        try:
            return stack.enter_context(container())
        except Exception as docker:
            reasons = f"embedded: {embedded.message}\ncontainer: {docker}"
            raise CannotStart(f"no Neo4j for the tests\n{reasons}") from docker
