"""What to do about YAML that does not say what was meant: signs of a Japanese keyboard, and texts cut by a #."""

from __future__ import annotations

import re
from typing import Any

_BLANK = "[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
_DASH = "[－ー―—–−‐‑‒・]"
_NAME = "[A-Za-z_][A-Za-z0-9_]*"
_HINTS = (
    ("tab character", "タブは使えません。字下げは空白でしてください。"),
    (
        "cannot start any token",
        "タブは使えません。字下げは空白で、@ や ` で始まる文字は引用符で囲んでください。",
    ),
    ("mapping values are not allowed", "文の中の「: 」は、文全体を引用符で囲んでください。"),
    ("could not find expected ':'", "項目名のあとに「: 」（コロンと空白）を書いてください。"),
    ("while scanning a quoted scalar", "引用符が閉じているか確かめてください。"),
    ("did not find expected", "字下げ、かっこ、引用符が合っているか確かめてください。"),
)
_WIDE = (
    (rf"^ *{_BLANK}", "行の初めに全角などの空白があります。半角の空白で字下げしてください。"),
    (rf"^ *-{_BLANK}", "「-」のあとに全角などの空白があります。半角の空白にしてください。"),
    (rf"^ *(?P<sign>{_DASH}) *(?:{_NAME}[:：]|[{{｛])", "「{sign}」が全角です。半角の「-」と空白にしてください。"),
    (rf"^ *(?:- +)?{_NAME}(?P<sign>：)", "「{sign}」が全角です。半角の「:」と空白にしてください。"),
    (rf"^ *(?:- +)?{_NAME}:{_BLANK}", "「:」のあとに全角などの空白があります。半角の空白にしてください。"),
    (r"^ *(?P<sign>＃)", "「{sign}」が全角です。半角の「#」にしてください。"),
    (r"(?:: |- )(?P<sign>[｛［])", "かっこの「{sign}」が全角です。半角にしてください。"),
    (rf"[{{\[].*(?P<sign>[，、；]) *{_NAME}: ", "区切りの「{sign}」が全角です。半角の「,」と空白にしてください。"),
    (r"[{\[][^}\]]*(?P<sign>[｝］]) *$", "かっこの「{sign}」が全角です。半角にしてください。"),
)
_WIDE_PATTERNS = tuple((re.compile(pattern), message) for pattern, message in _WIDE)
_WIDE_IN_NAME = re.compile("[：，、；｛｝［］]")
_ABOVE = 3
"""So many lines above the one that the parser stopped at, the sign that misled it is looked for."""
_CUT = re.compile(r"[ \t]+#")
_CUT_FROM_BLOCK = re.compile(r"[|>][-+0-9]*[ \t]+#")
CUT = "「#」から後ろは読まれません。文の一部なら文全体を引用符で囲み、メモなら「#」から別の行に書いてください。"


def unreadable(text: str, said: str, line: int | None) -> tuple[str, int | None]:
    """What is wrong with a text that the parser refused, and on which line; `said` are the parser's words."""
    rows = text.split("\n")
    last = min(line or len(rows), len(rows))
    for number in range(last, max(0, last - _ABOVE), -1):
        wide = _wide(rows[number - 1])
        if wide:
            return wide, number
    return next((hint for sign, hint in _HINTS if sign in said), "字下げと引用符を確かめてください。"), line


def in_name(name: str) -> str | None:
    """What to do about the name of a field that holds a sign of a Japanese keyboard; None where it holds none."""
    if name.isascii():
        return None
    wide = _wide(name)
    if wide is None and _WIDE_IN_NAME.search(name):
        return f"項目名「{name[:100]}」に全角の記号があります。半角にしてください。"
    return wide


def _wide(row: str) -> str | None:
    for pattern, message in _WIDE_PATTERNS:
        found = pattern.search(row)
        if found:
            return message.format_map(found.groupdict())
    return None


def cuts(rows: list[str], event: Any) -> bool:
    """Whether YAML takes what stands behind this value for a comment, so that a text would lose its end."""
    if event.style in {"|", ">"}:
        return bool(_CUT_FROM_BLOCK.match(rows[event.start_mark.line], event.start_mark.column))
    if event.style not in {None, ""} or event.end_mark.line >= len(rows):
        return False
    return bool(_CUT.match(rows[event.end_mark.line], event.end_mark.column))
