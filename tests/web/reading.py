"""What a test reads of an answer: its JSON, the words of its page, the fields of its form, the procedures it lists."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx


def ok(answer: httpx.Response, status: int = 200) -> Any:
    """The JSON of an answer with this status."""
    assert answer.status_code == status, answer.text
    return answer.json()


def words_of(page: httpx.Response) -> str:
    """What people read on the page: no tags, no line breaks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", page.text.replace("<br>", " "))).split())


def form_token(page: httpx.Response) -> str:
    """What makes the forms of a staff page ours."""
    found = re.search(r'name="form_token" value="([0-9a-f]{64})"', page.text)
    assert found, page.text[:500]
    return found[1]


def hidden_fields(html: str) -> list[tuple[str, str]]:
    """The hidden fields, in order."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html)
    return [(unescape(name), unescape(value)) for name, value in fields]


def cards_of(page: httpx.Response) -> list[str]:
    """The keys of the procedures that a result lists, in order."""
    return re.findall(r'<article class="proc" data-key="([^"]+)"', page.text)
