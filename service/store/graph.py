"""The only door to Neo4j: one driver a process, statements by name, errors in the words of this service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol, Self, TypeVar
from urllib.parse import urlsplit

import neo4j
from neo4j import AsyncDriver, AsyncGraphDatabase, AsyncManagedTransaction, AsyncSession, exceptions

from service.errors import CannotStart, GuideError, Unavailable
from service.store.space import Space
from service.store.statements import Statement, statement

Row = dict[str, Any]
Result = TypeVar("Result")

READ_SECONDS = 10.0
PLAN_SECONDS = 25.0
"""The limit of a statement that this process has not seen answered yet: the database may have to plan it, and begins
that anew when it is interrupted."""
PLAN_AHEAD_SECONDS = 120.0
WRITE_SECONDS = 120.0
NOTHING: Row = {"sent": {"most": 0}}
"""Parameters with which a read finds nothing (a limit has to be a number)."""
HANG_SECONDS = 1.0
"""How long after its own limit a database that says nothing at all is taken for one that hangs."""
SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
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
_NEVER_REACHED = "Neo.TransientError.Transaction.BookmarkTimeout"
_PANICKED = "Neo.DatabaseError.Transaction.TransactionStartFailed"
_NOT_AVAILABLE = "Neo.TransientError.General.DatabaseUnavailable"

Health = Literal["well", "away", "locked", "panicked", "failed"]
"""How a database is: it answers; it says nothing (yet); it does not know this password; it refuses every transaction
until it is started again; its server runs, but has given up starting it."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is and who asks; the password is never shown.

    `evidence` is the folder of this host that keeps what the history is compared with (`editions.ledger`).
    """

    uri: str
    user: str
    password: str
    database: str
    evidence: Path | None = None

    def __repr__(self) -> str:
        return f"Address({self.uri!r}, {self.user!r}, database={self.database!r})"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a statement returned, what it cost (`db_hits` as Neo4j's own plan counts them), and the plan's operators."""

    rows: list[Row]
    db_hits: int
    operators: frozenset[str]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a read returned, and the state of the store in which it was seen."""

    rows: list[Row]
    state: neo4j.Bookmarks


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Turns the driver's errors into ours; the statement and its parameters are never part of a message."""
    try:
        yield
    except _AWAY as error:
        raise Unavailable("データベースにつながりません。しばらくしてから、もう一度お試しください。") from error
    except exceptions.Neo4jError as error:
        if error.code in _TOO_SLOW:
            raise Unavailable("いま、とても混み合っています。しばらくしてから、もう一度お試しください。") from error
        raise GuideError(f"データベースが命令を受け付けませんでした（{error.code}）。") from error


def checked(address: Address) -> Address:
    """The address, if its URI is one of a Neo4j. Errors: CannotStart with what to do."""
    try:
        parts = urlsplit(address.uri)
        is_right = parts.scheme in SCHEMES and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:  # a port or a bracketed address that is none
        is_right = False
    if not is_right:
        raise _unreadable()
    return address


def _unreadable() -> CannotStart:
    """The URI itself is not shown: people write passwords into it."""
    return CannotStart(
        "TETSUZUKI_NEO4J_URI を読めません。neo4j://ホスト名:7687 や neo4j+s://ホスト名 のように書き、"
        "利用者名とパスワードは TETSUZUKI_NEO4J_USER と TETSUZUKI_NEO4J_PASSWORD に書いてください。"
    )


def _driver(address: Address, *, pool: int) -> AsyncDriver:
    try:
        return _open_driver(checked(address), pool=pool)
    except (exceptions.ConfigurationError, ValueError) as error:
        raise _unreadable() from error


def _open_driver(address: Address, *, pool: int) -> AsyncDriver:
    return AsyncGraphDatabase.driver(
        address.uri,
        auth=(address.user, address.password),
        max_connection_pool_size=pool,
        connection_acquisition_timeout=5,
        connection_timeout=3,
        max_transaction_retry_time=5,
        liveness_check_timeout=60,
        fetch_size=-1,  # all rows are wanted: fewer at a time would only take more turns
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

    def __init__(self, transaction: AsyncManagedTransaction, evidence: Path | None) -> None:
        self._transaction = transaction
        self.evidence = evidence
        self.afterwards: list[Callable[[], None]] = []
        """What is done once the transaction has been committed, in a thread of its own; it raises nothing."""

    async def many(self, module: str, name: str, **params: Any) -> list[Row]:
        """All rows of the statement."""
        query = statement(module, name)
        result = await self._transaction.run(query.text, _sent(query, params))
        return [_row(record) async for record in result]

    async def one(self, module: str, name: str, **params: Any) -> Row | None:
        """The first row of the statement, or None."""
        rows = await self.many(module, name, **params)
        return rows[0] if rows else None


class Graph:
    """The database as the service sees it. Reads go to readers of a cluster, writes to its leader.

    A reader may lag behind. Reads wait until it has come as far as `keep_up_with` was told; with `own_writes` also as
    far as what *this process* has written (what other processes write is not waited for).
    """

    def __init__(
        self, driver: AsyncDriver, database: str, *, space: Space | None = None, evidence: Path | None = None
    ) -> None:
        self._driver = driver
        self._database = database
        self._space = space
        self.evidence = evidence
        self._written = AsyncGraphDatabase.bookmark_manager()
        self._state: neo4j.Bookmarks | None = None
        self._answered: set[str] = set()

    @classmethod
    def open(cls, address: Address, *, pool: int = 25, space: Space | None = None) -> Self:
        """A graph at the address; nothing is connected until the first statement. CannotStart when it is none.

        `space` is where its files are, if that is known: writes are refused while it is short.
        """
        return cls(_driver(address, pool=pool), address.database, space=space, evidence=address.evidence)

    async def close(self) -> None:
        """Closes every connection."""
        await self._driver.close()

    @property
    def is_short_of_space(self) -> bool:
        """Whether writes are refused because the disk is too full; False where nobody knows."""
        return self._space is not None and self._space.is_short()

    @property
    def keeps_up(self) -> bool:
        """Whether reads wait for a state; it is forgotten when the database does not reach it in time."""
        return self._state is not None

    def keep_up_with(self, state: neo4j.Bookmarks) -> None:
        """From now on, reads wait until their server has come as far as this state."""
        self._state = state

    async def many(self, module: str, name: str, *, own_writes: bool = False, **params: Any) -> list[Row]:
        """All rows of a read.

        Errors: Unavailable when the database is away (a broken pooled connection is tried once more first) or hangs.
        """
        snapshot = await self._read(statement(module, name), params, access=neo4j.READ_ACCESS, own_writes=own_writes)
        return snapshot.rows

    async def one(self, module: str, name: str, *, own_writes: bool = False, **params: Any) -> Row | None:
        """The first row of a read, or None; errors as in `many`."""
        rows = await self.many(module, name, own_writes=own_writes, **params)
        return rows[0] if rows else None

    async def seen(self, module: str, name: str, **params: Any) -> Seen:
        """A read, with the state of the store that it saw; errors as in `many`."""
        return await self._read(statement(module, name), params, access=neo4j.READ_ACCESS)

    async def seen_by_leader(self, module: str, name: str, **params: Any) -> Seen:
        """A read of the one server that never lags behind; errors as in `many`, also when there is no leader."""
        return await self._read(statement(module, name), params, access=neo4j.WRITE_ACCESS)

    @property
    def latest(self) -> Latest:
        """Reads that wait for all that this process has written."""
        return Latest(self)

    async def profile(self, module: str, name: str, **params: Any) -> Profile:
        """The rows of a read and its db hits, for tests and the benchmark."""
        query = statement(module, name)
        async with self._session(neo4j.READ_ACCESS) as session:
            result = await session.run("PROFILE " + query.text, _sent(query, params))
            rows = [_row(record) async for record in result]
            plan = (await result.consume()).profile
        return Profile(rows=rows, db_hits=_db_hits(plan or {}), operators=frozenset(_operators(plan or {})))

    async def plan(self, query: Statement) -> None:
        """Has the database plan a statement, if it has no plan of it that still fits. Errors: Unavailable.

        A read is run so that it finds nothing: its plan is then made to the end. A write is explained.
        """
        reads = query.access == "read"
        text = query.text if reads else f"EXPLAIN {query.text}"
        access = neo4j.READ_ACCESS if reads else neo4j.WRITE_ACCESS
        async with self._in_time(PLAN_AHEAD_SECONDS), self._session(access) as session:
            await (await session.run(neo4j.Query(text, timeout=PLAN_AHEAD_SECONDS), NOTHING)).consume()
        self._answered.add(query.name)

    async def plan_within_write(self, query: Statement) -> None:
        """Has the database plan a statement for use after a write in the same transaction: its plan differs there.

        What is written first is taken back. Errors: Unavailable.
        """
        text = query.text if query.access == "read" else f"EXPLAIN {query.text}"
        async with self._in_time(PLAN_AHEAD_SECONDS), self._session(neo4j.WRITE_ACCESS) as session:
            transaction = await session.begin_transaction(timeout=PLAN_AHEAD_SECONDS)
            async with transaction:
                await (await transaction.run(statement("store/planning", "begin").text)).consume()
                await (await transaction.run(text, NOTHING)).consume()
                await transaction.rollback()

    async def write(self, work: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """What `work` returns, done in one transaction, all or nothing; transient faults are tried again.

        Errors: NoRoom when the disk is too full for a write, Unavailable when the database is away or hangs.
        """
        if self._space is not None:
            self._space.refuse_if_short()

        @neo4j.unit_of_work(timeout=WRITE_SECONDS)
        async def run(transaction: AsyncManagedTransaction) -> tuple[Result, list[Callable[[], None]]]:
            own_transaction = Transaction(transaction, self.evidence)
            return await work(own_transaction), own_transaction.afterwards

        async with self._in_time(WRITE_SECONDS), self._session(neo4j.WRITE_ACCESS, own_writes=True) as session:
            result, afterwards = await session.execute_write(run)
        for action in afterwards:
            await asyncio.to_thread(action)
        return result

    def _session(self, access: str, *, own_writes: bool = False) -> AsyncSession:
        """A new session. A cancelled session closes its connection, so that the pool gets no half-used one back."""
        return self._driver.session(
            database=self._database,
            default_access_mode=access,
            bookmarks=self._state,
            bookmark_manager=self._written if own_writes else None,
        )

    async def _read(self, query: Statement, params: dict[str, Any], *, access: str, own_writes: bool = False) -> Seen:
        """Auto-commit: one round trip where a transaction function would take three."""
        seconds = READ_SECONDS if query.name in self._answered else PLAN_SECONDS

        async def once() -> Seen:
            async with self._session(access, own_writes=own_writes) as session:
                result = await session.run(neo4j.Query(query.text, timeout=seconds), _sent(query, params))
                rows = [_row(record) async for record in result]
                return Seen(rows, await session.last_bookmarks())

        async with self._in_time(seconds):
            try:
                snapshot = await once()
            except (exceptions.ServiceUnavailable, exceptions.SessionExpired):
                snapshot = await once()
        self._answered.add(query.name)
        return snapshot

    @asynccontextmanager
    async def _in_time(self, seconds: float) -> AsyncIterator[None]:
        """The limit on our side, for a database that hangs without closing its connections; errors in our words.

        What it waits for may never come, where an older backup was restored: then the states waited for are forgotten.
        """
        with _translated_errors():
            try:
                async with asyncio.timeout(seconds + HANG_SECONDS):
                    yield
            except (TimeoutError, exceptions.TransientError) as error:
                if isinstance(error, TimeoutError) or error.code == _NEVER_REACHED:
                    self._state, self._written = None, AsyncGraphDatabase.bookmark_manager()
                raise


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


def _sent(query: Statement, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters in their map, every moment in UTC. ValueError when they are not those of the statement's header.

    For a named zone the driver asks `ZoneInfo.utcoffset` about a moment of its own class, which CPython reads as if it
    were a `datetime` (https://github.com/python/cpython/issues/125318): memory is corrupted. UTC is not asked.
    """
    if params.keys() != set(query.params):
        raise ValueError(f"{query.name} takes {sorted(query.params)}, not {sorted(params)}")
    plain = {name: value.astimezone(UTC) if isinstance(value, datetime) else value for name, value in params.items()}
    return {"sent": plain} if plain else {}


def _row(record: neo4j.Record) -> Row:
    """The columns as they are: `Record.data` copies all that they hold, and takes as long as reading it. No statement
    returns nodes or edges."""
    return dict(zip(record.keys(), record.values(), strict=True))


def _db_hits(plan: dict[str, Any]) -> int:
    own_hits = int(plan.get("dbHits", 0) or plan.get("args", {}).get("DbHits", 0))
    return own_hits + sum(_db_hits(child) for child in plan.get("children", []))


def _operators(plan: dict[str, Any]) -> Iterator[str]:
    yield str(plan.get("operatorType", "")).partition("@")[0]
    for child in plan.get("children", []):
        yield from _operators(child)


async def answers(address: Address, *, seconds: float = 3) -> bool:
    """Whether a database at the address runs a statement for this user within `seconds`.

    Errors: CannotStart when it is no address.
    """
    return await health(address, seconds=seconds) == "well"


async def health(address: Address, *, seconds: float = 3) -> Health:
    """How the database at the address is, as far as it says so within `seconds`; errors as of `answers`."""
    driver = _driver(address, pool=1)
    try:
        async with asyncio.timeout(seconds):
            return await _health(driver, address.database)
    except (*_AWAY, exceptions.Neo4jError, exceptions.DriverError, TimeoutError):
        return "away"
    finally:
        await driver.close()


async def _health(driver: AsyncDriver, database: str) -> Health:
    try:
        async with driver.session(database=database) as session:
            await (await session.run("RETURN 1")).consume()
        return "well"
    except exceptions.AuthError:
        return "locked"
    except exceptions.Neo4jError as error:
        if error.code == _PANICKED:
            return "panicked"
        if error.code == _NOT_AVAILABLE and await _has_failed(driver, database):
            return "failed"
        raise


async def _has_failed(driver: AsyncDriver, database: str) -> bool:
    """Whether the server says that it could not start the database; it says nothing while it still tries."""
    async with driver.session(database="system") as session:
        result = await session.run("SHOW DATABASES")
        databases = [_row(record) async for record in result]
    return any(
        database_row["name"] == database
        and database_row["currentStatus"] == "offline"
        and database_row["statusMessage"]
        for database_row in databases
    )
