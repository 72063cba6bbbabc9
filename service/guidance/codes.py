"""Codes: a result in a few letters, for paper, and back. A public contract (`ops/design/guidance.md`).

A code is this string of bits, the highest of a number first, in Crockford's base 32:

1. one bit for each life event of the edition, in key order: chosen or not;
2. for each question of the edition, in key order, one bit *answered*; if so, one bit *unsure*; if not unsure,
   for kind `one` the index of the option in option order in ceil(log2 n) bits, for kind `many` one bit for each
   option in option order;
3. the 16 bits of CRC-16/CCITT-FALSE over the ASCII bytes `N:` (N the edition's number, decimal) followed by
   the bits of 1 and 2, which for this sum alone are filled up with zero bits at their end to whole bytes.

So 3 follows 1 and 2 directly, without a gap; the whole is filled up with zero bits at its end to a multiple of
five. Where 1 and 2 end is not written: it follows from the edition. No date is in a code, and the same choice and
answers always have the same code.
"""

from __future__ import annotations

import re
import unicodedata
from binascii import crc_hqx
from collections.abc import Iterable

from service.content.models import Answer, Outline, Question
from service.errors import NotFound

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_VALUES = {letter: value for value, letter in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_SUM_BITS = 16
_MOST_LETTERS = 10_000
_GAPS = re.compile(r"[\s\-‐‑–—―−ー]+")
_TYPED = re.compile(r"([1-9][0-9]{0,8})[\s\-‐‑–—―−ー]+(.+)", re.ASCII | re.DOTALL)
_WRONG = "この番号の案内は見つかりません。文字に間違いがないか、もう一度確かめてください。"


def encode(edition: int, life_events: Iterable[str], answers: Iterable[Answer], outline: Outline) -> str:
    """The code of these life events and answers, bare: capitals and digits without hyphens.

    ValueError for what the outline does not have: a code must not leave out in silence what was said.
    """
    chosen = set(life_events)
    answered = {answer.question: answer for answer in answers}
    if not chosen <= outline.life_events.keys() or not answered.keys() <= outline.questions.keys():
        raise ValueError("a code can only hold life events and questions of its own edition")
    said = "".join(["1" if key in chosen else "0" for key in sorted(outline.life_events)])
    said += "".join([_answer_bits(outline.questions[key], answered.get(key)) for key in sorted(outline.questions)])
    bits = f"{said}{_sum(edition, said):016b}"
    bits += "0" * (-len(bits) % 5)
    return "".join([ALPHABET[int(bits[at : at + 5], 2)] for at in range(0, len(bits), 5)])


def decode(code: str, edition: int, outline: Outline) -> tuple[tuple[str, ...], tuple[Answer, ...]]:
    """The life events by position and key, and the answers by question key, that a code holds.

    Case, hyphens and blanks, full-width letters, O for 0 and I or L for 1 are forgiven. NotFound for anything
    that `encode` does not make for this edition.
    """
    reader = _Reader(_bits(code))
    chosen = [key for key in sorted(outline.life_events) if reader.flag()]
    answers = [_read_answer(outline.questions[key], reader) for key in sorted(outline.questions)]
    expected = _sum(edition, reader.bits[: reader.at])
    right = reader.number(_SUM_BITS) == expected
    filling = reader.bits[reader.at :]
    if not (chosen and right and filling in {"", "0", "00", "000", "0000"}):
        raise NotFound(_WRONG)
    chosen.sort(key=lambda key: (outline.life_events[key].position, key))
    return tuple(chosen), tuple(answer for answer in answers if answer is not None)


def grouped(code: str) -> str:
    """The code as it is shown: in groups of four with hyphens between them."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def typed(edition: int, code: str) -> str:
    """The form that is printed to be typed: `N-CODE`, in groups of four."""
    return f"{edition}-{grouped(code)}"


def read_typed(text: str) -> tuple[int, str]:
    """Edition and bare code of the typed form `N-CODE`, the code not yet looked at. NotFound for another form."""
    found = _TYPED.fullmatch(unicodedata.normalize("NFKC", text[:_MOST_LETTERS]).strip())
    if found is None:
        raise NotFound(_WRONG)
    return int(found[1]), _GAPS.sub("", found[2]).upper()


def _answer_bits(question: Question, answer: Answer | None) -> str:
    if answer is None:
        return "0"
    if answer.unsure:
        return "11"
    if question.kind == "many":
        return "10" + "".join(["1" if option.key in answer.options else "0" for option in question.options])
    width = _width(question)
    index = next(rank for rank, option in enumerate(question.options) if option.key == answer.options[0])
    return f"10{index:0{width}b}" if width else "10"


def _read_answer(question: Question, reader: _Reader) -> Answer | None:
    if not reader.flag():
        return None
    if reader.flag():
        if not question.unsure:
            raise NotFound(_WRONG)
        return Answer(question.key, unsure=True)
    if question.kind == "many":
        return Answer(question.key, tuple(option.key for option in question.options if reader.flag()))
    index = reader.number(_width(question))
    if index >= len(question.options):
        raise NotFound(_WRONG)
    return Answer(question.key, (question.options[index].key,))


def _width(question: Question) -> int:
    """ceil(log2 n) for n options, without the rounding of logarithms."""
    return (len(question.options) - 1).bit_length()


def _sum(edition: int, said: str) -> int:
    """CRC-16/CCITT-FALSE: polynomial 0x1021, begun with 0xFFFF."""
    filled = said + "0" * (-len(said) % 8)
    return crc_hqx(f"{edition}:".encode("ascii") + int(filled or "0", 2).to_bytes(len(filled) // 8, "big"), 0xFFFF)


def _bits(code: str) -> str:
    letters = _GAPS.sub("", unicodedata.normalize("NFKC", code[:_MOST_LETTERS])).upper()
    try:
        return "".join([f"{_VALUES[letter]:05b}" for letter in letters])
    except KeyError:
        raise NotFound(_WRONG) from None


class _Reader:
    """Takes bits from the front; NotFound when there are too few."""

    __slots__ = ("at", "bits")

    def __init__(self, bits: str) -> None:
        self.bits = bits
        self.at = 0

    def flag(self) -> bool:
        """The next bit."""
        return self.number(1) == 1

    def number(self, width: int) -> int:
        """The number in the next bits, 0 for none."""
        taken = self.bits[self.at : self.at + width]
        if len(taken) < width:
            raise NotFound(_WRONG)
        self.at += width
        return int(taken, 2) if taken else 0
