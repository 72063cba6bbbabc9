"""Findings: skeleton by the lead so that publishing imports; helper "checks" replaces this whole file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from service.graph import Graph
from service.models import Answer


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, to what, and what to do."""

    code: str
    severity: Literal["blocking", "warning", "hint"]
    keys: tuple[str, ...]
    sentence: str
    advice: str
    witness: tuple[Answer, ...] | None = None
    event: str | None = None


async def findings(graph: Graph, number: int) -> list[Finding]:
    """All findings of an edition."""
    return []
