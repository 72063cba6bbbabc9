"""Codes: a result in a few letters, for paper, and back. A public contract (`ops/design/guidance.md`).

A code is this string of bits, the highest of a number first, in Crockford's base 32:

1. one bit for each life event of the edition, in key order: chosen or not;
2. for each question of the edition, in key order, one bit *answered*; if so, one bit *unsure*; if not unsure,
   for kind `one` the index of the option in option order in ceil(log2 n) bits, for kind `many` one bit for each
   option in option order; then zero bits up to a whole letter;
3. the mark, three letters: the first 15 bits of SHA-256 over the ASCII bytes `HASH:N:LETTERS`, HASH the edition's
   content hash, N its number (decimal), LETTERS the letters of 1 and 2;
4. the check letter: CRC-5 (polynomial x^5 + x^2 + 1, begun with zero) over the ASCII bytes `N:` and the letters
   before it, five bits each.

The check letter shows without any edition whether the code was typed as it was printed; the mark shows whether it was
made from this content. Where 1 and 2 end follows from the length, what they say from the edition. No date is in a
code, and the same choice and answers always have the same code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from hashlib import sha256

from service.content.models import Answer, Edition, Outline, Question
from service.errors import NotFound, OtherContent

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_ALIKE = str.maketrans("OIL", "011")
_MARK_LETTERS = 3
_POLYNOMIAL = 0b100101
_MOST_LETTERS = 10_000
_LETTERS = re.compile(rf"[{ALPHABET}]{{{_MARK_LETTERS + 2},}}")
_GAPS = re.compile(r"[\s\-‐‑–—―−ー]+")
_TYPED = re.compile(r"([1-9][0-9]{0,8})[\s\-‐‑–—―−ー]+(.+)", re.ASCII | re.DOTALL)
_WRONG = "この番号の案内は見つかりません。文字に間違いがないか、もう一度確かめてください。"


def encode(edition: Edition, life_events: Iterable[str], answers: Iterable[Answer], outline: Outline) -> str:
    """The code of these life events and answers, bare: capitals and digits without hyphens.

    ValueError for what the outline does not have: a code must not leave out in silence what was said.
    """
    chosen = set(life_events)
    answered = {answer.question: answer for answer in answers}
    if not chosen <= outline.life_events.keys() or not answered.keys() <= outline.questions.keys():
        raise ValueError("a code can only hold life events and questions of its own edition")
    bits = "".join(["1" if key in chosen else "0" for key in sorted(outline.life_events)])
    bits += "".join([_answer_bits(outline.questions[key], answered.get(key)) for key in sorted(outline.questions)])
    bits += "0" * (-len(bits) % 5)
    letters = "".join([ALPHABET[int(bits[start : start + 5], 2)] for start in range(0, len(bits), 5)])
    letters += _mark(edition, letters)
    return letters + _check_letter(edition.number, letters)


def checked(code: str, edition_number: int) -> str:
    """The code as it was printed, if it is one of an edition of that number, whatever its content.

    Case, hyphens and blanks, full-width letters, O for 0 and I or L for 1 are forgiven. NotFound where the check
    letter does not fit: always for one wrong letter, one wrong digit of the number or two neighbours swapped.
    """
    typed_in = _GAPS.sub("", unicodedata.normalize("NFKC", code[:_MOST_LETTERS])).upper().translate(_ALIKE)
    if not _LETTERS.fullmatch(typed_in) or typed_in[-1] != _check_letter(edition_number, typed_in[:-1]):
        raise NotFound(_WRONG)
    return typed_in


def decode(code: str, edition: Edition, outline: Outline) -> tuple[tuple[str, ...], tuple[Answer, ...]]:
    """The life events by position and key, and the answers by question key, that a code holds.

    What `checked` forgives is forgiven. NotFound for what is no code; OtherContent for a code of an edition with that
    number but other content, except for one in 32,768 of those.
    """
    letters = checked(code, edition.number)[:-1]
    said_letters, mark = letters[:-_MARK_LETTERS], letters[-_MARK_LETTERS:]
    if mark != _mark(edition, said_letters):
        raise OtherContent(edition.number)
    reader = _Reader(_bits(said_letters))
    chosen = [key for key in sorted(outline.life_events) if reader.flag()]
    answers = [_read_answer(outline.questions[key], reader) for key in sorted(outline.questions)]
    if not chosen or reader.bits[reader.position :] not in {"", "0", "00", "000", "0000"}:
        raise NotFound(_WRONG)
    chosen.sort(key=lambda key: (outline.life_events[key].position, key))
    return tuple(chosen), tuple(answer for answer in answers if answer is not None)


def grouped(code: str) -> str:
    """The code as it is shown: in groups of four with hyphens between them."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def typed(edition: int, code: str) -> str:
    """The form that is printed to be typed: `N-CODE`, in groups of four."""
    return f"{edition}-{grouped(code)}"


def read_typed(text: str) -> tuple[int, str]:
    """Edition and bare code of the typed form `N-CODE`, the code not yet looked at. NotFound for another form."""
    match = _TYPED.fullmatch(unicodedata.normalize("NFKC", text[:_MOST_LETTERS]).strip())
    if match is None:
        raise NotFound(_WRONG)
    return int(match[1]), _GAPS.sub("", match[2]).upper()


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


def _bits(letters: str) -> str:
    return "".join([f"{ALPHABET.index(letter):05b}" for letter in letters])


def _mark(edition: Edition, letters: str) -> str:
    """Three letters that follow from the content, the number and what is said: other content, other letters."""
    digest = sha256(f"{edition.content_hash}:{edition.number}:{letters}".encode("ascii")).digest()
    number = int.from_bytes(digest[:2], "big") >> 1
    return "".join([ALPHABET[number >> shift & 31] for shift in (10, 5, 0)])


def _check_letter(edition_number: int, letters: str) -> str:
    """CRC-5 over the number and the letters: the polynomial is primitive, so no swap of neighbours goes unnoticed."""
    register = 0
    for bit in f"{int.from_bytes(f'{edition_number}:'.encode('ascii'), 'big'):b}{_bits(letters)}00000":
        register = register << 1 | int(bit)
        if register & 32:
            register ^= _POLYNOMIAL
    return ALPHABET[register]


class _Reader:
    """Takes bits from the front; NotFound when there are too few."""

    __slots__ = ("bits", "position")

    def __init__(self, bits: str) -> None:
        self.bits = bits
        self.position = 0

    def flag(self) -> bool:
        """The next bit."""
        return self.number(1) == 1

    def number(self, width: int) -> int:
        """The number in the next bits, 0 for none."""
        taken_bits = self.bits[self.position : self.position + width]
        if len(taken_bits) < width:
            raise NotFound(_WRONG)
        self.position += width
        return int(taken_bits, 2) if taken_bits else 0
