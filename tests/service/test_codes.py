"""Codes: the layout bit by bit, forgiving reading, and no wrong letter that goes unnoticed."""

from __future__ import annotations

import math
import re
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.content.models import Answer, Content, LifeEvent, Option, Outline, Question
from service.errors import NotFound
from service.guidance.codes import ALPHABET, decode, encode, grouped, read_typed, typed
from tests.contents import contents, random_answers, random_content, random_life_events


def asked(key: str, count: int, kind: str = "one", unsure: bool = True) -> Question:
    options = [Option(key=f"{key}/o-{number}", label=str(number)) for number in range(count)]
    return Question.model_validate({"key": key, "text": key, "kind": kind, "unsure": unsure, "options": options})


def outline(events: list[LifeEvent], questions: list[Question]) -> Outline:
    return Outline(7, {event.key: event for event in events}, {q.key: q for q in questions})


# In key order: birth, death, moving-in · a (3 options), b (many, 3), c (2), d (5, no unsure)
KNOWN = outline(
    [
        LifeEvent(key="moving-in", name="転入", position=1),
        LifeEvent(key="birth", name="出生", position=2),
        LifeEvent(key="death", name="死亡", position=3),
    ],
    [asked("d", 5, unsure=False), asked("c", 2), asked("b", 3, "many"), asked("a", 3)],
)


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE, bit by bit, as its definition says."""
    register = 0xFFFF
    for byte in data:
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1) ^ 0x1021 if register & 0x8000 else register << 1
            register &= 0xFFFF
    return register


def written(bits: str, edition: int = 7) -> str:
    """The code of these bits, put together independently of the service."""
    padded = bits + "0" * (-len(bits) % 8)
    octets = bytes(int(padded[at : at + 8], 2) for at in range(0, len(padded), 8))
    whole = bits + format(crc16(f"{edition}:".encode() + octets), "016b")
    whole += "0" * (-len(whole) % 5)
    return "".join(ALPHABET[int(whole[at : at + 5], 2)] for at in range(0, len(whole), 5))


def test_the_checksum_is_ccitt_false() -> None:
    assert crc16(b"123456789") == 0x29B1


@pytest.mark.parametrize(
    ("events", "answers", "bits"),
    [
        (["moving-in"], [], "001 0 0 0 0"),
        (["birth", "death"], [Answer("a", ("a/o-2",))], "110 10 10 0 0 0"),
        (["birth"], [Answer("a", unsure=True), Answer("c", ("c/o-1",))], "100 11 0 10 1 0"),
        (["birth"], [Answer("b")], "100 0 10 000 0 0"),
        (["birth"], [Answer("b", ("b/o-0", "b/o-2"))], "100 0 10 101 0 0"),
        (["birth"], [Answer("d", ("d/o-4",))], "100 0 0 0 10 100"),
        (
            ["birth", "death", "moving-in"],
            [Answer("a", ("a/o-0",)), Answer("b", unsure=True), Answer("c", ("c/o-0",)), Answer("d", ("d/o-3",))],
            "111 10 00 11 10 0 10 011",
        ),
    ],
)
def test_the_layout_is_as_documented(events: list[str], answers: list[Answer], bits: str) -> None:
    code = encode(7, events, answers, KNOWN)
    assert code == written(bits.replace(" ", ""))
    by_position = tuple(key for key in ("moving-in", "birth", "death") if key in events)
    assert decode(code, 7, KNOWN) == (by_position, tuple(answers))


@pytest.mark.parametrize("code", ["HA10", "HA1-0XYZ"])
def test_one_fixed_code_never_changes(code: str) -> None:
    """A printed code: were the layout to change, paper would lie."""
    fixed = encode(7, ["moving-in"], [Answer("b", ("b/o-1",))], KNOWN)
    assert fixed == written("0010100100" + "0")
    assert decode(fixed, 7, KNOWN) == (("moving-in",), (Answer("b", ("b/o-1",)),))
    with pytest.raises(NotFound):
        decode(code, 7, KNOWN)


def outline_of(content: Content) -> Outline:
    return Outline(1, {e.key: e for e in content.life_events}, {q.key: q for q in content.questions})


@settings(max_examples=200, deadline=None)
@given(content=contents(described=False), rng=st.randoms(use_true_random=False), edition=st.integers(1, 10**6))
def test_codes_come_back(content: Content, rng: Random, edition: int) -> None:
    known = outline_of(content)
    events, answers = random_life_events(rng, content), random_answers(rng, content)
    code = encode(edition, events, answers, known)
    chosen, given_back = decode(code, edition, known)
    assert (sorted(chosen), given_back) == (sorted(set(events)), answers)
    assert encode(edition, reversed(chosen), reversed(given_back), known) == code
    assert decode(scribbled(rng, code), edition, known) == (chosen, given_back)
    assert read_typed(typed(edition, code)) == (edition, code)


def scribbled(rng: Random, code: str) -> str:
    """The code as a hurried person writes it."""
    alike = {"0": "0Oo０", "1": "1IiLl１"}
    letters = (rng.choice(alike.get(one, one + one.lower() + chr(ord(one) + 0xFEE0))) for one in code)
    return rng.choice(["-", " ", "－", "ー", ""]).join(letters) + rng.choice(["", "-", "\n"])


def test_a_wrong_letter_is_noticed() -> None:
    """Always, except where it moves the end of the answers: then the sum lets about 1 in 65,536 pass."""
    rng, tried, missed = Random(1), 0, 0
    for _ in range(60):
        content = random_content(rng, questions=12, described=False)
        known = outline_of(content)
        code = encode(3, random_life_events(rng, content), random_answers(rng, content), known)
        for at, right in enumerate(code):
            for wrong in set(ALPHABET) - {right}:
                tried += 1
                missed += is_read(code[:at] + wrong + code[at + 1 :], 3, known)
    assert tried > 10_000
    assert missed <= 1


def test_swapped_letters_and_other_editions_are_noticed() -> None:
    rng, tried, missed = Random(2), 0, 0
    for _ in range(200):
        content = random_content(rng, questions=12, described=False)
        known = outline_of(content)
        code = encode(3, random_life_events(rng, content), random_answers(rng, content), known)
        swaps = {code[:at] + code[at + 1] + code[at] + code[at + 2 :] for at in range(len(code) - 1)} - {code}
        tried += len(swaps) + 1
        missed += sum(is_read(swap, 3, known) for swap in swaps) + is_read(code, 4, known)
    assert tried > 1_500
    assert missed == 0


def is_read(code: str, edition: int, known: Outline) -> bool:
    try:
        decode(code, edition, known)
    except NotFound:
        return False
    return True


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=40) | st.text(ALPHABET + "oil-", max_size=12))
def test_garbage_is_not_found(text: str) -> None:
    try:
        events, answers = decode(text, 7, KNOWN)
    except NotFound:
        return
    assert encode(7, events, answers, KNOWN) == re.sub("[^0-9A-Z]", "", text.upper()).translate(
        str.maketrans("OIL", "011")
    )


@pytest.mark.parametrize(
    "bits",
    [
        "000 0 0 0 0",  # no life event
        "100 10 11 0 0 0",  # an option beyond the last
        "100 0 0 0 11",  # unsure where it is not offered
        "100 0 0 0 0 0",  # longer than the edition's questions
        "100 0 0 0",  # shorter
        "",
    ],
)
def test_bits_that_mean_nothing_are_not_found_even_with_a_right_sum(bits: str) -> None:
    assert not is_read(written(bits.replace(" ", "")), 7, KNOWN)


def test_a_code_may_not_be_longer_or_end_in_other_bits() -> None:
    code = encode(7, ["birth"], [], KNOWN)
    assert is_read(code, 7, KNOWN)
    assert not is_read(code + "0", 7, KNOWN)
    used = 7 + 16
    assert used % 5 == 3
    assert not is_read(code[:-1] + ALPHABET[ALPHABET.index(code[-1]) + 1], 7, KNOWN)
    assert not is_read(code * 100_000, 7, KNOWN)


@pytest.mark.parametrize("said", [{"life_events": ["marriage"]}, {"answers": [Answer("pets", ("pets/dog",))]}])
def test_what_is_not_in_the_edition_is_never_left_out(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="its own edition"):
        encode(7, said.get("life_events", ["birth"]), said.get("answers", []), KNOWN)


def test_an_edition_without_questions() -> None:
    known = outline([LifeEvent(key="birth", name="出生")], [])
    assert decode(encode(1, ["birth"], [], known), 1, known) == (("birth",), ())


def test_groups_of_four() -> None:
    assert [grouped(code) for code in ("", "ABCD", "ABCDE", "ABCDEFGHJ")] == [
        "",
        "ABCD",
        "ABCD-E",
        "ABCD-EFGH-J",
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("12-ABCD-EF", (12, "ABCDEF")),
        (" 12 - abcd ef ", (12, "ABCDEF")),
        ("１２－ＡＢＣＤ－ＥＦ", (12, "ABCDEF")),
        ("12ーabcd", (12, "ABCD")),
    ],
)
def test_the_typed_form(text: str, parts: tuple[int, str]) -> None:
    assert read_typed(text) == parts


@pytest.mark.parametrize("text", ["", "-", "ABCD", "12", "12-", "0-ABCD", "-12-ABCD", "1234567890-ABCD", "x-ABCD"])
def test_what_is_no_typed_form(text: str) -> None:
    with pytest.raises(NotFound):
        read_typed(text)


def test_codes_are_short_enough_to_type() -> None:
    """Eight life events, 70 questions, 15 of them answered: 8 + 70 + 15 × 3 + 16 bits, at most."""
    events = [LifeEvent(key=f"event-{number}", name="x") for number in range(8)]
    questions = [asked(f"question-{number:02}", 4) for number in range(70)]
    answers = [Answer(q.key, (q.options[3].key,)) for q in questions[::5]][:15]
    code = encode(123, ["event-1", "event-2"], answers, outline(events, questions))
    assert len(code) == math.ceil((8 + 70 + len(answers) * 3 + 16) / 5) == 28
