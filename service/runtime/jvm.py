"""One Neo4j in its own folder: its configuration, its first password, its command line, its life as a child process."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from service import clock
from service.errors import CannotStart
from service.runtime import children
from service.runtime.java import Java
from service.store.graph import Address, Health, health

USER = "neo4j"
READY_SECONDS = 300.0
STOP_SECONDS = 20.0
PATIENCE_SECONDS = 30.0
"""How long a server that has just started may take for its first statement: it begins anew when it is interrupted."""
TAIL_LINES = 20
FAILURE_LINES = 400
"""So many lines at the end of a log hold the reason of a failure with all its causes."""
_COMPLAINT = "Error reading transaction logs"
MAIN = "org.neo4j.server.CommunityEntryPoint"
# What Neo4j's own launcher passes, with the serial collector: it starts faster, and the heap is small.
FLAGS = (
    "-XX:+UseSerialGC",
    "-XX:-OmitStackTraceInFastThrow",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:+DisableExplicitGC",
    "-Djdk.nio.maxCachedBufferSize=1024",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "-Dlog4j2.disable.jmx=true",
    "-Dfile.encoding=UTF-8",
)
FOLDERS = ("data", "transactions", "logs", "run", "import", "plugins", "conf", "lib")
CONF = """\
server.directories.data={home}/data
server.directories.transaction.logs.root={home}/transactions
server.directories.logs={home}/logs
server.directories.run={home}/run
server.directories.import={home}/import
server.directories.plugins={home}/plugins
server.directories.lib={home}/lib
server.default_listen_address=127.0.0.1
server.bolt.enabled=true
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
dbms.routing.enabled=false
dbms.security.auth_enabled=true
dbms.usage_report.enabled=false
server.memory.pagecache.size={pagecache}
dbms.memory.transaction.total.max=256m
db.memory.transaction.max=128m
db.transaction.timeout=30s
db.transaction.concurrent.maximum=200
db.lock.acquisition.timeout=10s
db.shutdown_transaction_end_timeout=1s
db.tx_log.preallocate=true
db.tx_log.rotation.size=32m
db.tx_log.rotation.retention_policy=2 days 256M
db.checkpoint.interval.time=5m
dbms.security.allow_csv_import_from_file_urls=false
internal.dbms.cypher_ip_blocklist=0.0.0.0/0,::/0
internal.dbms.bolt.netty_server_shutdown_quiet_period=0
dbms.security.procedures.allowlist=
dbms.cypher.forbid_exhaustive_shortestpath=true
"""
LENIENT = "internal.dbms.tx_log.fail_on_corrupted_log_files=false\n"
"""Opens a store whose transaction log is damaged, with what can be read of it."""
WITHOUT_LOG = "db.recovery.fail_on_missing_files=false\n"
"""Opens a store whose transaction log is not there, as its own files are."""
RESCUE = (
    "空きがあることを確かめて、「tetsuzuki rescue」を実行してください。写しを取ってから、開けられるかを試します"
    "（ops/runbook.md の「The transaction log is damaged」）。"
)


class DidNotStart(CannotStart):
    """Its process ended or never answered, for no reason that is known: another start may do better."""


@dataclass(frozen=True, slots=True)
class Memory:
    """How much the server may take, as Java and Neo4j write it (`512m`)."""

    heap: str
    pagecache: str


@dataclass(frozen=True, slots=True)
class Software:
    """What runs: a Java, the folder with the jars, and Java options beyond the usual ones."""

    java: Java
    library: Path
    options: tuple[str, ...] = ()

    def classpath(self) -> str:
        """Every jar by name: class data sharing does not work with `lib/*`."""
        return ":".join(str(jar) for jar in sorted(self.library.glob("*.jar")))


@dataclass(slots=True)
class Jvm:
    """A running Neo4j and where it answers."""

    child: children.Child
    address: Address
    log: Path

    def wait(self, *, seconds: float = READY_SECONDS) -> None:
        """Returns when a statement runs.

        Errors: CannotStart with the reason where it is known, else DidNotStart when it ends or takes longer.
        """
        deadline = clock.monotonic() + seconds
        while (state := self._health()) != "well":
            if self.child.status() is not None:
                raise self._ended()
            if state in {"locked", "failed"}:
                raise CannotStart(self.locked() if state == "locked" else self.failed())
            if clock.monotonic() > deadline:
                raise DidNotStart(f"Neo4j が {seconds:.0f} 秒たっても答えません。ログ：{self.log}")
            time.sleep(0.05)

    def locked(self) -> str:
        """What to do where the password is not that of the database."""
        file = self.log.parent.parent / "password"
        return f"データベースのパスワードが {file} と合いません。このファイルをバックアップから戻してください。"

    def failed(self) -> str:
        """What to do where the server runs and could not open its database."""
        if _COMPLAINT in tail(self.log.with_name("debug.log"), lines=FAILURE_LINES):
            return f"データベースの記録（トランザクションログ）が壊れているため、開けません。{RESCUE}"
        return (
            f"データベースを開けません。理由は {self.log.with_name('debug.log')} の終わりにあります。"
            "データの場所を写してから、バックアップを戻してください（ops/runbook.md）。"
        )

    def stop(self, *, seconds: float = STOP_SECONDS) -> None:
        """Ends it cleanly, by force after `seconds` (committed data is safe either way)."""
        self.child.stop(seconds=seconds)

    def _ended(self) -> CannotStart:
        log_end = tail(self.log, lines=FAILURE_LINES)
        if _COMPLAINT in log_end:
            return CannotStart(f"データベースの記録（トランザクションログ）が壊れているため、開けません。{RESCUE}")
        if "OutOfMemoryError" in log_end:
            return CannotStart(
                "データベースが起動の途中で、メモリーが足りずに終わりました（TETSUZUKI_NEO4J_HEAP）。ディスクがいっぱいに"
                f"なったあとなら、記録（トランザクションログ）が壊れています。{RESCUE}"
            )
        return DidNotStart(f"Neo4j が起動の途中で終わりました。ログの終わり（{self.log}）：\n{tail(self.log)}")

    def _health(self) -> Health:
        """The port first: a driver for every look would cost the server more than it needs to start."""
        host, _, port = self.address.uri.rpartition("/")[2].partition(":")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            return "away"
        return asyncio.run(health(self.address, seconds=PATIENCE_SECONDS))


def start(
    home: Path, software: Software, *, memory: Memory, password: str, port: int, extra_configuration: str = ""
) -> Jvm:
    """Starts Neo4j in `home` on the loopback port; it does not answer yet.

    `extra_configuration` are further lines of its configuration (`LENIENT`, `WITHOUT_LOG`).
    """
    _write_conf(home, port, memory, extra_configuration=extra_configuration)
    _write_first_password(home, password)
    log = home / "logs" / "console.log"
    with log.open("wb") as output:
        child = children.start([software.java.program, f"@{_write_arguments(home, software, memory)}"], output=output)
    return Jvm(child, Address(f"bolt://127.0.0.1:{port}", USER, password, "neo4j"), log)


def is_ours(pid: int, home: Path) -> bool:
    """Whether the process is a Neo4j that was started in `home`."""
    return f"@{_arguments(home)}" in children.command_line(pid)


def free_port() -> int:
    """A loopback port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def password(home: Path) -> str:
    """The password of the database in `home`; a new one where there is no database yet.

    Errors: CannotStart when there is a database and its password file is gone.
    """
    file = home / "password"
    if file.exists():
        return file.read_text(encoding="ascii").strip()
    if _has_database(home):
        raise CannotStart(f"{file} がありません。データベースのパスワードなので、バックアップから戻してください。")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    new_password = secrets.token_urlsafe(24)
    _write(file, new_password + "\n")
    return new_password


def tail(log: Path, *, lines: int = TAIL_LINES) -> str:
    """The last lines of a log; empty when there is none."""
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""


def _write_conf(home: Path, port: int, memory: Memory, *, extra_configuration: str) -> None:
    for name in FOLDERS:
        (home / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    text = CONF.format(home=home, port=port, pagecache=memory.pagecache) + extra_configuration
    _write(home / "conf" / "neo4j.conf", text)


def _write_arguments(home: Path, software: Software, memory: Memory) -> Path:
    """The file that Java reads its arguments from: the class path is too long for some command lines."""
    arguments: Sequence[str] = (
        "-cp",
        software.classpath(),
        *FLAGS,
        f"-Xmx{memory.heap}",
        f"-XX:ErrorFile={home}/logs/java_error_%p.log",
        *software.options,
        MAIN,
        f"--home-dir={home}",
        f"--config-dir={home}/conf",
        "--console-mode",
    )
    file = _arguments(home)
    _write(file, "\n".join(map(_quoted, arguments)) + "\n")
    return file


def _arguments(home: Path) -> Path:
    return home / "conf" / "java.args"


def _quoted(argument: str) -> str:
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _write_first_password(home: Path, password: str) -> None:
    """Leaves the password where Neo4j reads it when it makes its system database (as `set-initial-password` does).

    So the server never answers to the well-known first password, and no second Java has to start. The form is that of
    Neo4j 5: SHA-256 of salt and password, hashed again to 1024 rounds. It only guards a random password of 192 bits.
    """
    if _has_database(home):
        return
    salt = secrets.token_bytes(32)
    digest = hashlib.sha256(salt + password.encode()).digest()
    for _ in range(1023):
        digest = hashlib.sha256(digest).digest()
    folder = home / "data" / "dbms"
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "auth.ini", f"{USER}:SHA-256,{digest.hex()},{salt.hex()},1024:\n")


def _has_database(home: Path) -> bool:
    return (home / "data" / "databases" / "system").exists()


def _write(file: Path, text: str) -> None:
    """Writes for this user only, whole or not at all: the disk may be full."""
    partial_file = file.with_name(f"{file.name}.part")
    partial_file.unlink(missing_ok=True)
    partial_file.touch(mode=0o600)
    partial_file.write_text(text, encoding="utf-8")
    partial_file.replace(file)
