"""What the browser tests need of the machine: a Chromium and a Japanese font. `python -m tests.needs` provides them.

As root on a machine with apt they are installed; elsewhere one line says what to install.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APT_SECONDS = 900


def chromium() -> Path | None:
    """TETSUZUKI_TEST_CHROMIUM, else one on the path, else playwright's own; None where there is none."""
    named = os.environ.get("TETSUZUKI_TEST_CHROMIUM")
    if named:
        return Path(named) if os.access(named, os.X_OK) else None
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return Path(found) if found else _of_playwright()


def japanese_font() -> str | None:
    """The name of a font with Japanese, or None: without one screenshots would show boxes."""
    try:
        listed = subprocess.run(["fc-list", ":lang=ja", "family"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return next(iter(sorted(listed.stdout.split("\n"), reverse=True)), None) or None


def _of_playwright() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def _install(package: str) -> None:
    """Installs a Debian package as root; where that fails, the check that follows says so."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    print(f"{package} を入れています…", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", package]):
        subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, timeout=APT_SECONDS, check=False)


def main() -> int:
    """0 when both are there, else 1 with a line for each that is missing."""
    lacking = []
    if chromium() is None and not os.environ.get("TETSUZUKI_TEST_CHROMIUM"):
        _install("chromium")
    if chromium() is None:
        lacking.append(
            "Chromium がありません：sudo apt-get install chromium（または TETSUZUKI_TEST_CHROMIUM で場所を指定）"
        )
    if japanese_font() is None:
        _install("fontconfig")
        _install("fonts-noto-cjk")
    if japanese_font() is None:
        lacking.append("日本語の書体がありません：sudo apt-get install fontconfig fonts-noto-cjk")
    for line in lacking:
        print(line, file=sys.stderr)
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
