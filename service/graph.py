"""The only door to Neo4j: one driver a process, statements by name, errors in the words of this service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import neo4j
from neo4j import AsyncDriver, AsyncGraphDatabase, AsyncManagedTransaction, exceptions

from service.errors import GuideError, Unavailable
from service.queries import Statement, statement

Row = dict[str, Any]
Result = TypeVar("Result")

READ_SECONDS = 10.0
WRITE_SECONDS = 120.0
_AWAY = (
    exceptions.ServiceUnavailable,
    exceptions.SessionExpired,
    exceptions.TransientError,
    exceptions.AuthError,
    exceptions.ConfigurationError,
    exceptions.ReadServiceUnavailable,
    exceptions.WriteServiceUnavailable,
    exceptions.ConnectionPoolError,
    OSError,
)
_TOO_SLOW = {
    "Neo.ClientError.Transaction.TransactionTimedOut",
    "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration",
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is and who asks; the password is never shown."""

    uri: str
    user: str
    password: str
    database: str

    def __repr__(self) -> str:
        return f"Address({self.uri!r}, {self.user!r}, database={self.database!r})"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a statement returned, what it cost (`db_hits` as Neo4j's own plan counts them), and the plan's operators."""

    rows: list[Row]
    db_hits: int
    operators: frozenset[str]


@contextmanager
def _told() -> Iterator[None]:
    """Turns the driver's errors into ours; the statement and its parameters are never part of a message."""
    try:
        yield
    except _AWAY as error:
        raise Unavailable("データベースにつながりません。しばらくしてから、もう一度お試しください。") from error
    except exceptions.Neo4jError as error:
        if error.code in _TOO_SLOW:
            raise Unavailable("いま、とても混み合っています。しばらくしてから、もう一度お試しください。") from error
        raise GuideError(f"データベースが命令を受け付けませんでした（{error.code}）。") from error


def _driver(address: Address, *, pool: int) -> AsyncDriver:
    return AsyncGraphDatabase.driver(
        address.uri,
        auth=(address.user, address.password),
        max_connection_pool_size=pool,
        connection_acquisition_timeout=5,
        connection_timeout=3,
        max_transaction_retry_time=5,
        liveness_check_timeout=60,
        fetch_size=500,
        telemetry_disabled=True,
        notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
        user_agent="tetsuzuki",
    )


class Reads(Protocol):
    """Where a statement that reads may be run: the graph, its latest state, or inside a write."""

    async def many(self, module: str, name: str, **params: Any) -> list[Row]: ...

    async def one(self, module: str, name: str, **params: Any) -> Row | None: ...


class Transaction:
    """Statements inside one write transaction."""

    def __init__(self, transaction: AsyncManagedTransaction) -> None:
        self._transaction = transaction

    async def many(self, module: str, name: str, **params: Any) -> list[Row]:
        """All rows of the statement."""
        result = await self._transaction.run(statement(module, name).text, _sent(params))
        return [record.data() for record in [record async for record in result]]

    async def one(self, module: str, name: str, **params: Any) -> Row | None:
        """The first row of the statement, or None."""
        rows = await self.many(module, name, **params)
        return rows[0] if rows else None


class Graph:
    """The database as the service sees it. Reads go to readers of a cluster, writes to its leader."""

    def __init__(self, driver: AsyncDriver, database: str) -> None:
        self._driver = driver
        self._database = database
        self._bookmarks = AsyncGraphDatabase.bookmark_manager()

    @classmethod
    def open(cls, address: Address, *, pool: int = 25) -> Graph:
        """A graph at the address; nothing is connected until the first statement."""
        return cls(_driver(address, pool=pool), address.database)

    async def close(self) -> None:
        """Closes every connection."""
        await self._driver.close()

    async def many(self, module: str, name: str, *, own_writes: bool = False, **params: Any) -> list[Row]:
        """All rows of a read. `own_writes` waits for what this process has written (for clusters).

        Errors: Unavailable when the database is away (a broken pooled connection is tried once more first).
        """
        query, params = statement(module, name), _sent(params)
        with _told():
            try:
                return await self._read(query, params, own_writes)
            except (exceptions.ServiceUnavailable, exceptions.SessionExpired):
                return await self._read(query, params, own_writes)

    async def one(self, module: str, name: str, *, own_writes: bool = False, **params: Any) -> Row | None:
        """The first row of a read, or None; errors as in `many`."""
        rows = await self.many(module, name, own_writes=own_writes, **params)
        return rows[0] if rows else None

    @property
    def latest(self) -> Latest:
        """The same reads, behind all that this process has written."""
        return Latest(self)

    async def profile(self, module: str, name: str, **params: Any) -> Profile:
        """The rows of a read and its db hits, for tests and the benchmark."""
        text = "PROFILE " + statement(module, name).text
        async with self._session(neo4j.READ_ACCESS) as session:
            result = await session.run(text, _sent(params))
            rows = [record.data() for record in [record async for record in result]]
            plan = (await result.consume()).profile
        return Profile(rows=rows, db_hits=_hits(plan or {}), operators=frozenset(_operators(plan or {})))

    async def write(self, work: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """What `work` returns, done in one transaction, all or nothing; transient faults are tried again."""

        @neo4j.unit_of_work(timeout=WRITE_SECONDS)
        async def run(transaction: AsyncManagedTransaction) -> Result:
            return await work(Transaction(transaction))

        with _told():
            async with self._session(neo4j.WRITE_ACCESS, own_writes=True) as session:
                return await session.execute_write(run)

    @asynccontextmanager
    async def _session(self, access: str, *, own_writes: bool = False) -> AsyncIterator[neo4j.AsyncSession]:
        bookmarks = self._bookmarks if own_writes else None
        async with self._driver.session(
            database=self._database, default_access_mode=access, bookmark_manager=bookmarks
        ) as session:
            yield session

    async def _read(self, query: Statement, params: dict[str, Any], own_writes: bool) -> list[Row]:
        """Auto-commit: one round trip where a transaction function would take three."""
        async with self._session(neo4j.READ_ACCESS, own_writes=own_writes) as session:
            result = await session.run(neo4j.Query(query.text, timeout=READ_SECONDS), params)
            return [record.data() for record in [record async for record in result]]


class Latest:
    """Reads that wait for what this process has written (for clusters)."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def many(self, module: str, name: str, **params: Any) -> list[Row]:
        """All rows of a read; errors as in `Graph.many`."""
        return await self._graph.many(module, name, own_writes=True, **params)

    async def one(self, module: str, name: str, **params: Any) -> Row | None:
        """The first row of a read, or None; errors as in `Graph.many`."""
        return await self._graph.one(module, name, own_writes=True, **params)


def _sent(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters with every moment in UTC.

    A moment with a named zone comes back as a ZoneInfo made by the driver's native extension; with neo4j-rust-ext 6.4.1
    on CPython 3.11 that corrupts memory after a while (crashes inside _zoneinfo). Offsets do not.
    """
    return {name: value.astimezone(UTC) if isinstance(value, datetime) else value for name, value in params.items()}


def _hits(plan: dict[str, Any]) -> int:
    own = int(plan.get("dbHits", 0) or plan.get("args", {}).get("DbHits", 0))
    return own + sum(_hits(child) for child in plan.get("children", []))


def _operators(plan: dict[str, Any]) -> Iterator[str]:
    yield str(plan.get("operatorType", "")).partition("@")[0]
    for child in plan.get("children", []):
        yield from _operators(child)


async def answers(address: Address, *, seconds: float = 3) -> bool:
    """Whether a database at the address runs a statement for this user within `seconds`."""
    driver = _driver(address, pool=1)
    try:
        async with asyncio.timeout(seconds), driver.session(database=address.database) as session:
            await (await session.run("RETURN 1")).consume()
        return True
    except (*_AWAY, exceptions.Neo4jError, exceptions.DriverError, TimeoutError):
        return False
    finally:
        await driver.close()
