"""Start and stop of the whole service as a city would run it: `tetsuzuki serve`, cold, warm, and again."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from bench.machine import descendants, resident
from service.settings import ROOT, child_environment

PATIENCE_SECONDS = 120.0
ADDRESS = re.compile(r"http://[0-9.]+:[0-9]+/")


def measure(folder: Path, *, again: int) -> list[dict[str, Any]]:
    """Starts on an empty data directory (what is fetched is there already), then `again` times on the same one."""
    return [{"start": "cold" if index == 0 else "warm"} | once(folder) for index in range(again + 1)]


def once(folder: Path) -> dict[str, Any]:
    """Seconds until the home page answers and of the stop; MB of the web worker and of the database."""
    environment = child_environment(data_dir=str(folder / "data"), port="0", host="127.0.0.1", workers="1")
    environment.pop("TETSUZUKI_NEO4J_URI", None)
    log = folder / "serve.log"
    with log.open("wb") as output:
        began = time.perf_counter()
        serving = subprocess.Popen(
            [sys.executable, "-m", "service", "serve"], env=environment, stdout=output, stderr=output, cwd=ROOT
        )
        try:
            address = _address(serving, log)
            first_page = _seconds(address, began)
            guided = _seconds(f"{address}guide?event=death", time.perf_counter())
            memory = _memory(serving.pid)
        finally:
            stopping = time.perf_counter()
            serving.send_signal(signal.SIGTERM)
            serving.wait(PATIENCE_SECONDS)
    stopped = time.perf_counter() - stopping
    return {"first_page": first_page, "first_question": guided, "stop": stopped} | memory


def _address(serving: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        log_text = log.read_text(encoding="utf-8", errors="replace")
        match = ADDRESS.search(log_text)
        if match:
            return match[0]
        if serving.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"the service did not start:\n{log_text}")
        time.sleep(0.02)


def _seconds(address: str, began: float) -> float:
    """Seconds until the page is there; on a machine that is very busy it may be refused first."""
    while True:
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                answer.read()
            return time.perf_counter() - began
        except urllib.error.HTTPError:
            if time.perf_counter() - began > PATIENCE_SECONDS:
                raise
            time.sleep(0.1)


def _memory(pid: int) -> dict[str, float | None]:
    megabytes: dict[str, float | None] = {"web_mb": None, "database_mb": None, "supervisor_mb": resident(pid)}
    for child, command in descendants(pid).items():
        if "service.worker" in command:
            megabytes["web_mb"] = resident(child)
        elif "java" in command.split(" ", 1)[0]:
            megabytes["database_mb"] = resident(child)
    return megabytes
