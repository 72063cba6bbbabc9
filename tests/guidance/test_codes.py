"""Codes: the layout bit by bit, forgiving reading, no wrong letter that goes unnoticed, no other content that opens."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.content.models import Answer, Content, Edition, LifeEvent, Option, Outline, Question
from service.errors import NotFound, OtherContent
from service.guidance.codes import ALPHABET, checked, decode, encode, grouped, read_typed, typed
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


HASH = "3f9a71c2" * 8
SEVENTH = Edition(7, "版", "published", False, datetime(2026, 7, 1), datetime(2026, 8, 1, 9), HASH)


def numbered(number: int, content_hash: str = HASH) -> Edition:
    return replace(SEVENTH, number=number, content_hash=content_hash)


def crc5(bits: str) -> str:
    """The remainder of x^5 times these bits by x^5 + x^2 + 1, by long division as on paper."""
    row = [int(bit) for bit in bits + "00000"]
    for at in range(len(bits)):
        if row[at]:
            for place, term in enumerate((1, 0, 0, 1, 0, 1)):
                row[at + place] ^= term
    return "".join(str(bit) for bit in row[-5:])


def letters(bits: str) -> str:
    return "".join(ALPHABET[int(bits[at : at + 5], 2)] for at in range(0, len(bits), 5))


def written(bits: str, edition: Edition = SEVENTH) -> str:
    """The code of these bits, put together independently of the service."""
    said = bits + "0" * (-len(bits) % 5)
    digest = hashlib.sha256(f"{edition.content_hash}:{edition.number}:{letters(said)}".encode()).hexdigest()
    marked = said + f"{int(digest, 16):0256b}"[:15]
    number = "".join(f"{octet:08b}" for octet in f"{edition.number}:".encode())
    return letters(marked + crc5(number + marked))


def test_the_check_letter_is_the_crc_of_usb_without_its_inversions() -> None:
    """Its published check value: the digits 1 to 9, begun with 0x1F, reflected and inverted, give 0x19."""
    reflected = "".join(f"{octet:08b}"[::-1] for octet in b"123456789")
    begun = "".join("10"[int(bit)] for bit in reflected[:5]) + reflected[5:]
    assert int("".join("10"[int(bit)] for bit in crc5(begun)[::-1]), 2) == 0x19


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
    code = encode(SEVENTH, events, answers, KNOWN)
    assert code == written(bits.replace(" ", ""))
    by_position = tuple(key for key in ("moving-in", "birth", "death") if key in events)
    assert decode(code, SEVENTH, KNOWN) == (by_position, tuple(answers))


@pytest.mark.parametrize("code", ["HA10", "HA1-0XYZ"])
def test_one_fixed_code_never_changes(code: str) -> None:
    """A printed code: were the layout to change, paper would lie."""
    fixed = encode(SEVENTH, ["moving-in"], [Answer("b", ("b/o-1",))], KNOWN)
    assert fixed == written("0010100100" + "0") == "540D9PW"
    assert decode(fixed, SEVENTH, KNOWN) == (("moving-in",), (Answer("b", ("b/o-1",)),))
    with pytest.raises(NotFound):
        decode(code, SEVENTH, KNOWN)


def outline_of(content: Content) -> Outline:
    return Outline(1, {e.key: e for e in content.life_events}, {q.key: q for q in content.questions})


@settings(max_examples=80, deadline=None)
@given(content=contents(described=False), rng=st.randoms(use_true_random=False), edition=st.integers(1, 10**6))
def test_codes_come_back(content: Content, rng: Random, edition: int) -> None:
    known = outline_of(content)
    events, answers = random_life_events(rng, content), random_answers(rng, content)
    own = numbered(edition)
    code = encode(own, events, answers, known)
    chosen, given_back = decode(code, own, known)
    assert (sorted(chosen), given_back) == (sorted(set(events)), answers)
    assert encode(own, reversed(chosen), reversed(given_back), known) == code
    assert decode(scribbled(rng, code), own, known) == (chosen, given_back)
    assert checked(scribbled(rng, code), edition) == code
    assert read_typed(typed(edition, code)) == (edition, code)


def scribbled(rng: Random, code: str) -> str:
    """The code as a hurried person writes it."""
    alike = {"0": "0Oo０", "1": "1IiLl１"}
    letters = (rng.choice(alike.get(one, one + one.lower() + chr(ord(one) + 0xFEE0))) for one in code)
    return rng.choice(["-", " ", "－", "ー", ""]).join(letters) + rng.choice(["", "-", "\n"])


def printed(rng: Random) -> tuple[str, Outline]:
    content = random_content(rng, questions=12, described=False)
    known = outline_of(content)
    return encode(numbered(3), random_life_events(rng, content), random_answers(rng, content), known), known


def test_a_wrong_letter_is_always_noticed_as_such() -> None:
    """By the check letter alone, without the edition: it is never taken for a code of other content."""
    rng, tried = Random(1), 0
    for _ in range(60):
        code, _ = printed(rng)
        for at, right in enumerate(code):
            for wrong in set(ALPHABET) - {right}:
                tried += 1
                assert not is_checked(code[:at] + wrong + code[at + 1 :], 3)
    assert tried > 10_000


def test_swapped_letters_and_other_numbers_are_always_noticed_as_such() -> None:
    rng, tried = Random(2), 0
    for _ in range(200):
        code, _ = printed(rng)
        swaps = {code[:at] + code[at + 1] + code[at] + code[at + 2 :] for at in range(len(code) - 1)} - {code}
        tried += len(swaps)
        assert not [swap for swap in swaps if is_checked(swap, 3)]
        assert not [number for number in range(10) if number != 3 and is_checked(code, number)]
    assert tried > 1_500


def test_letters_that_are_wrong_in_several_places_open_nothing() -> None:
    """20 bits are against it: one in a million; the check letter alone would let one in 32 pass."""
    rng, passed = Random(3), 0
    for trial in range(5_000):
        if trial % 50 == 0:
            code, known = printed(rng)
        scrambled = "".join(rng.choice(ALPHABET) if rng.random() < 0.3 else letter for letter in code)
        if scrambled != code:
            passed += is_checked(scrambled, 3)
            assert not is_read(scrambled, numbered(3), known)
    assert passed > 50, "the check letter is not what refuses them all"


def test_a_code_of_other_content_is_told_as_such() -> None:
    """The same number and the same outline: one in 32,768 may pass, and 4,000 are tried."""
    rng, opened = Random(4), 0
    code, known = printed(rng)
    for trial in range(4_000):
        try:
            decode(code, numbered(3, hashlib.sha256(str(trial).encode()).hexdigest()), known)
        except OtherContent as error:
            assert "第3版" in error.message
        else:
            opened += 1
    assert opened <= 1


def test_paper_is_not_read_as_abroad() -> None:
    """The fault this is for: after a restore, edition 1 has the same options in another order."""
    question = asked("transfer-out", 3)
    turned = question.model_copy(update={"options": question.options[::-1]})
    events = [LifeEvent(key="moving-in", name="転入")]
    before, after = outline(events, [question]), outline(events, [turned])
    code = encode(numbered(1, "a" * 64), ["moving-in"], [Answer("transfer-out", ("transfer-out/o-0",))], before)
    assert decode(code, numbered(1, "a" * 64), before)[1] == (Answer("transfer-out", ("transfer-out/o-0",)),)
    for known in (before, after, outline(events, []), outline(events, [turned, asked("zoo", 30)])):
        with pytest.raises(OtherContent):
            decode(code, numbered(1, "b" * 64), known)


def is_checked(code: str, number: int) -> bool:
    try:
        checked(code, number)
    except NotFound:
        return False
    return True


def is_read(code: str, edition: Edition, known: Outline) -> bool:
    try:
        decode(code, edition, known)
    except NotFound:
        return False
    return True


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40) | st.text(ALPHABET + "oil-", max_size=12))
def test_garbage_is_not_found(text: str) -> None:
    try:
        events, answers = decode(text, SEVENTH, KNOWN)
    except NotFound:
        return
    assert encode(SEVENTH, events, answers, KNOWN) == re.sub("[^0-9A-Z]", "", text.upper()).translate(
        str.maketrans("OIL", "011")
    )


@pytest.mark.parametrize(
    "bits",
    [
        "000 0 0 0 0",  # no life event
        "100 10 11 0 0 0",  # an option beyond the last
        "100 0 0 0 11",  # unsure where it is not offered
        "100 0 0 0 0 0000",  # longer than the edition's questions by a letter
        "100 0 0 0 0 001",  # filled up with other bits than zero
        "100 0",  # shorter
        "",
    ],
)
def test_bits_that_mean_nothing_are_not_found_even_with_a_right_sum(bits: str) -> None:
    assert not is_read(written(bits.replace(" ", "")), SEVENTH, KNOWN)


def test_a_code_may_not_be_longer_or_end_in_other_bits() -> None:
    code = encode(SEVENTH, ["birth"], [], KNOWN)
    assert code == written("1000000") and is_read(code, SEVENTH, KNOWN)
    assert not is_read(code + "0", SEVENTH, KNOWN)
    assert not is_read(written("1000000001"), SEVENTH, KNOWN)
    assert not is_read(written("100000000000000"), SEVENTH, KNOWN)
    assert not is_read(code * 100_000, SEVENTH, KNOWN)


@pytest.mark.parametrize("said", [{"life_events": ["marriage"]}, {"answers": [Answer("pets", ("pets/dog",))]}])
def test_what_is_not_in_the_edition_is_never_left_out(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="its own edition"):
        encode(SEVENTH, said.get("life_events", ["birth"]), said.get("answers", []), KNOWN)


def test_an_edition_without_questions() -> None:
    known = outline([LifeEvent(key="birth", name="出生")], [])
    assert decode(encode(SEVENTH, ["birth"], [], known), SEVENTH, known) == (("birth",), ())


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
    """Eight life events, 70 questions, 15 of them answered: 8 + 70 + 15 × 3 bits, and four letters, at most."""
    events = [LifeEvent(key=f"event-{number}", name="x") for number in range(8)]
    questions = [asked(f"question-{number:02}", 4) for number in range(70)]
    answers = [Answer(q.key, (q.options[3].key,)) for q in questions[::5]][:15]
    code = encode(numbered(123), ["event-1", "event-2"], answers, outline(events, questions))
    assert len(code) == math.ceil((8 + 70 + len(answers) * 3) / 5) + 4 == 28
