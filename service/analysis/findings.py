"""Findings: what is wrong with an edition, to what, and what to do (ops/design/editions.md, "Check")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from service.content.models import Answer

Severity = Literal["blocking", "warning", "hint"]

ORDER: tuple[Severity, ...] = ("blocking", "warning", "hint")
_MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, to what (`keys`, the item itself first), and what to do.

    `witness` is a household that shows it under the life event `event`, where one does. What is `blocking` has to be
    put right before an edition is published.
    """

    code: str
    severity: Severity
    keys: tuple[str, ...]
    sentence: str
    advice: str
    witness: tuple[Answer, ...] | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Saying:
    """How a kind of finding is told.

    In `sentence`, `{item}` is the first item with its kind, `{others}` the rest by name, `{all}` every one; anything
    else is named as the check returns it.
    """

    severity: Severity
    sentence: str
    advice: str


def told(code: str, saying: Saying, *, row: Mapping[str, Any], called: Mapping[str, str]) -> Finding:
    """The finding of a row: its `keys`, what the sentence names, and perhaps `event` and `witness`.

    `called` is what each item is called with its kind (手続き『転入届』).
    """
    keys = tuple(str(key) for key in row["keys"])
    names = _item_names(keys, called)
    words = {**row, "item": names[0] if names else "", "others": listed(names[1:]), "all": listed(names)}
    return Finding(
        code=code,
        severity=saying.severity,
        keys=keys,
        sentence=saying.sentence.format_map(words),
        advice=saying.advice.format_map(words),
        witness=row.get("witness"),
        event=row.get("event"),
    )


def _item_names(keys: Sequence[str], called: Mapping[str, str]) -> list[str]:
    """What the items are called; options behind their own question without its text again."""
    names = [called.get(key, f"「{key}」") for key in keys]
    question = names[0].partition("『")[2].removesuffix("』") if names else ""
    option_prefix = f"{keys[0]}/" if keys else ""
    return [
        name.replace(f"『{question}／", "『", 1) if key.startswith(option_prefix) else name
        for key, name in zip(keys, names, strict=True)
    ]


def listed(names: Sequence[str]) -> str:
    """The names in a row, at most five of them."""
    left_out = len(names) - _MOST_NAMES
    return "、".join(names[:_MOST_NAMES]) + (f"、ほか{left_out}件" if left_out > 0 else "")


def ordered(findings: Sequence[Finding]) -> list[Finding]:
    """What blocks first; within a severity by code, life event and items."""
    return sorted(
        findings, key=lambda finding: (ORDER.index(finding.severity), finding.code, finding.event or "", finding.keys)
    )
