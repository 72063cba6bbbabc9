"""The machine that the figures are of, and how much memory a process has."""

from __future__ import annotations

import os
import platform
import re
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from service.settings import ROOT

PACKAGES = ("fastapi", "starlette", "uvicorn", "uvloop", "neo4j", "jinja2", "pydantic")


def machine() -> dict[str, Any]:
    """What a reader has to know of the machine; its name is not told."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "neo4j": neo4j_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "load_before": load(),
        "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }


def load() -> float:
    """How many processes wanted to run in the last minute; as many as there are cores is a machine fully at work."""
    return round(os.getloadavg()[0], 1)


def processor() -> str:
    """The model of the processor as the system names it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    match = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return match[1].strip() if match else platform.machine()


def short_name() -> str:
    """The machine as part of a file name: processor and cores."""
    words = re.sub(r"\(.*?\)|\b(CPU|Processor)\b|@.*", " ", processor()).lower()
    slug = re.sub(r"[^a-z0-9]+", "-", words).strip("-")
    return f"{slug}-{os.cpu_count()}-cores"


def neo4j_version() -> str:
    """The version that the lock file names."""
    match = re.search(r"org/neo4j/neo4j/([0-9.]+)/", (ROOT / "ops" / "neo4j.lock").read_text(encoding="utf-8"))
    return match[1] if match else "?"


def resident(pid: int, *, most: bool = False) -> float | None:
    """Resident memory of a process in MB, at present or at `most` so far; None where the system does not tell."""
    field = "VmHWM" if most else "VmRSS"
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    match = re.search(rf"^{field}:\s*(\d+) kB$", text, re.MULTILINE)
    return round(int(match[1]) / 1024, 1) if match else None


def descendants(pid: int) -> dict[int, str]:
    """Every process below this one, with its command."""
    parents: dict[int, list[int]] = {}
    commands: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text(encoding="ascii", errors="replace")
            commands[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(folder.name))
    commands_below, waiting = {}, [pid]
    while waiting:
        for child in parents.get(waiting.pop(), []):
            commands_below[child] = commands.get(child, "")
            waiting.append(child)
    return commands_below


if __name__ == "__main__":
    sys.stdout.write(f"{machine()}\n{short_name()}\n")
