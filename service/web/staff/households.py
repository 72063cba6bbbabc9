"""Households in words, and where residents' pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from service.content.models import Answer, Edition
from service.editions import preview_links


def opens(edition: Edition, state: str) -> str | None:
    """The beginning of the addresses under which residents' pages show this edition; None where none do."""
    if preview_links.is_previewed(edition):
        return f"/preview/{edition.number}"
    return "" if state == "live" else None


def said(events: Sequence[str], answers: Sequence[Answer], *, names: Mapping[str, str]) -> tuple[str, ...]:
    """A household in words: its life events, then one entry an answer."""
    lines = [names.get(event, event) for event in events]
    for answer in answers:
        chosen = [names.get(key, key) for key in answer.options]
        if not chosen:
            unsure = "わからない" if answer.unsure else "どれもない"
            chosen = [f"{names.get(answer.question, answer.question)}／{unsure}"]
        lines += chosen
    return tuple(lines)


def share_of(asked: int, patterns: int) -> str:
    """How much of all that is, in words that are never more exact than they look."""
    if asked in {0, patterns}:
        return "すべて" if asked else "なし"
    percent = Fraction(asked * 100, patterns)
    if percent < 1:
        return "1%未満"
    if percent > 99:
        return "99%以上"
    return f"{percent}%" if percent.denominator == 1 else f"約{round(percent)}%"


def answered(given: Iterable[Answer], names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Each answer as the text of its question and what was chosen."""
    told = []
    for answer in given:
        question = names.get(answer.question, answer.question)
        chosen = [names.get(key, key).removeprefix(f"{question}／") for key in answer.options]
        told.append((question, "、".join(chosen) or ("わからない" if answer.unsure else "どれもない")))
    return tuple(told)
