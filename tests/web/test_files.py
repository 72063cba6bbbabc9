"""Templates and static files keep to the content security policy, and load nothing from third parties."""

from __future__ import annotations

import re
from pathlib import Path

from service.settings import ROOT

FORBIDDEN = (
    r"<style\b",
    r"\sstyle\s*=",
    r"\son[a-z]+\s*=",
    r"javascript:",
    r"<script\b(?![^>]*\bsrc=)",
    r"\|\s*safe\b|autoescape\s+false",
)
"""What the policy would refuse, silently for those who do not look at the console; only the rendering marks text as
HTML."""


def templates() -> list[Path]:
    """Every template."""
    return sorted((ROOT / "web" / "templates").rglob("*.html"))


def test_templates_have_no_inline_code() -> None:
    assert templates()
    found = []
    for file in templates():
        text = re.sub(r"\{#.*?#\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        found += [(file.name, pattern) for pattern in FORBIDDEN if re.search(pattern, text)]
    assert found == []


def test_pages_load_nothing_from_third_parties() -> None:
    """Addresses of others stand in the content, as links; nothing that a page loads does."""
    static = ROOT / "web" / "static"
    pages = [*templates(), *(file for ending in ("css", "js", "svg") for file in static.glob(f"*.{ending}"))]
    named = {
        (file.name, address)
        for file in pages
        for address in re.findall(r"(?:https?:)?//[a-z0-9-]+\.[^\s\"'<>)]+", file.read_text(encoding="utf-8"))
        if not address.startswith("http://www.w3.org/")
    }
    assert named == set()
