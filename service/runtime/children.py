"""Child processes that never outlive this one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

# Runs before the program: asks Linux to end the child with its parent, even after kill -9, and looks once whether the
# parent has died meanwhile. A separate interpreter, because code between fork and exec can hang in a threaded process.
_LAUNCH = """
import os, signal, sys
if sys.platform == "linux":
    import ctypes
    ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != int(sys.argv[1]):
        sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""


@dataclass(frozen=True, slots=True)
class Child:
    """A running program."""

    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self.process.pid

    def status(self) -> int | None:
        """The exit status, negative for a signal, or None while it runs."""
        return self.process.poll()

    def stop(self, *, seconds: float) -> None:
        """Asks it to end, and ends it after `seconds`."""
        self.ask_to_stop()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def ask_to_stop(self) -> None:
        """Sends SIGTERM; nothing happens when it has ended."""
        self.process.terminate()


def start(
    command: Sequence[str | Path],
    *,
    output: IO[bytes] | None = None,
    environment: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> Child:
    """Starts an absolute program in a session of its own (Ctrl-C reaches only us, and we stop it in order).

    It ends with the *thread* that called this, so call it from one that lives as long as the service.
    """
    launch = [sys.executable, "-I", "-S", "-c", _LAUNCH, str(os.getpid())]
    process = subprocess.Popen(
        [*launch, *map(str, command)],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
        env=environment,
        pass_fds=pass_fds,
        start_new_session=True,
    )
    return Child(process)


def command_line(pid: int) -> str:
    """The command of a process, its parts separated by spaces; empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return ""
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip()


def is_alive(pid: int) -> bool:
    """Whether a process of that number runs (one that has ended and waits to be collected does not)."""
    return command_line(pid) != ""


def send(pid: int, signal_number: signal.Signals) -> None:
    """Sends a signal to a process that may be gone."""
    try:
        os.kill(pid, signal_number)
    except ProcessLookupError:
        return
