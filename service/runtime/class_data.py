"""Class data sharing: what Java has learnt of Neo4j's classes in one start, kept for all later ones (7 s → 4 s)."""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from service.errors import GuideError
from service.runtime import jvm

TRAINING_SECONDS = 120.0
MEMORY = jvm.Memory(heap="512m", pagecache="16m")

Tell = Callable[[str], None]


def shared(software: jvm.Software, tell: Tell) -> jvm.Software:
    """The same software started with its archive; made now if there is none, unchanged where that is impossible."""
    archive = path(software)
    if not archive.exists() and not _failed(archive).exists():
        _make(archive, software, tell)
    return ready(software)


def ready(software: jvm.Software) -> jvm.Software:
    """The same software started with its archive where there is one; makes none."""
    archive = path(software)
    if not archive.exists():
        return software
    return replace(software, options=(*software.options, f"-XX:SharedArchiveFile={archive}"))


def path(software: jvm.Software) -> Path:
    """Where the archive is: it belongs to one build of Java, one class path and one set of flags."""
    identity = "\n".join((software.java.banner, str(software.java.program), software.classpath(), *jvm.FLAGS))
    key = hashlib.sha256(identity.encode()).hexdigest()[:16]
    return software.library.parent / f"classes-{key}.jsa"


def remove(software: jvm.Software) -> None:
    """Removes an archive that a start failed with; the next start makes it anew, for that may have had other causes."""
    path(software).unlink(missing_ok=True)


def _failed(archive: Path) -> Path:
    """The file that exists where the archive could not be made."""
    return archive.with_suffix(".failed")


def _make(archive: Path, software: jvm.Software, tell: Tell) -> None:
    """Makes the archive, one process at a time; a failure is remembered: only the speed of starts depends on it."""
    with archive.with_suffix(".lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if archive.exists():
            return
        tell("次からの起動を速くする準備をしています（最初の 1 回だけ、約 15 秒）…")
        try:
            with tempfile.TemporaryDirectory(dir=archive.parent, prefix="training.") as name:
                _train(Path(name), software).replace(archive)
        except (GuideError, OSError):
            _failed(archive).touch()


def _train(folder: Path, software: jvm.Software) -> Path:
    """The archive of one start, a few statements and a stop."""
    archive = folder / "classes.jsa"
    recording = replace(software, options=(*software.options, f"-XX:ArchiveClassesAtExit={archive}"))
    home = folder / "neo4j"
    server = jvm.start(home, recording, memory=MEMORY, password=jvm.password(home), port=jvm.free_port())
    patience = 0.0
    try:
        server.wait(seconds=TRAINING_SECONDS)
        patience = TRAINING_SECONDS
    finally:
        server.stop(seconds=patience)
    return archive
