"""What Chromium prints: how far down its pages are filled, read from the PDF."""

from __future__ import annotations

import re
import zlib

PRINTABLE = (297 - 2 * 11) / 25.4 * 96
"""The height between the margins of `guide.css` on A4, in CSS pixels, which are Chromium's units."""

_OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)\bendobj", re.DOTALL)
_REFERENCE = re.compile(rb"(\d+) 0 R")
_LINE = re.compile(rb"([-\d.]+) Tm\b")


def filled(pdf: bytes) -> list[float]:
    """The share of each page that lies between its first and its last line."""
    objects = {int(found[1]): found[2] for found in _OBJECT.finditer(pdf)}
    pages = [body for body in objects.values() if re.search(rb"/Type\s*/Page\b", body)]
    return [_share(_text(objects[_named(body, rb"/Contents")])) for body in pages]


def _named(body: bytes, name: bytes) -> int:
    """The number of the object that an entry refers to."""
    found = _REFERENCE.search(body, body.index(name))
    assert found is not None
    return int(found[1])


def _text(body: bytes) -> bytes:
    """The drawing commands of a page."""
    start = body.index(b"stream") + len(b"stream")
    return zlib.decompressobj().decompress(body[start:].lstrip(b"\r\n"))


def _share(commands: bytes) -> float:
    lines = [float(line) for line in _LINE.findall(commands)]
    assert lines, "a page without text"
    return (max(lines) - min(lines)) / PRINTABLE
