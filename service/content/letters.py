"""Letters that nobody sees, letters that no text may hold, and kanji that have several forms."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

# Control characters other than tab and line feed, invisible line ends, what XML 1.0 cannot hold, and what turns the
# order of the letters round so that a text reads differently from what it says.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
# Of Unicode's Default_Ignorable_Code_Point: what says nothing. What chooses a glyph stays (variation selectors, the
# joiner between two emoji): it is seen.
_SAYS_NOTHING = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u2060-\u2065\u206a-\u206f"
    "\u3164\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
    "|(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d"
)
_GLYPH = re.compile("[\u200d\u202a-\u202e\u2066-\u2069\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]")
_FORMS = Path(__file__).with_name("kanji_forms.txt")


def visible(text: str) -> str:
    """The text without the letters that nobody sees; they come along where text is copied from a page or a table."""
    return text if text.isascii() else _SAYS_NOTHING.sub("", text)


def bare(text: str) -> str:
    """The text for comparing: also without what only chooses between glyphs of one letter, or turns letters round."""
    return text if text.isascii() else _GLYPH.sub("", visible(text))


def usual_forms(text: str) -> str:
    """The text with the usual form of each kanji (高 for 髙, 崎 for 﨑, 竜 for 龍): see `kanji_forms.txt`."""
    return text if text.isascii() else text.translate(_forms())


@cache
def _forms() -> dict[int, str]:
    """The usual form by code point."""
    lines = _FORMS.read_text(encoding="utf-8").splitlines()
    return {ord(other): line[0] for line in lines if not line.startswith("#") for other in line[1:]}
