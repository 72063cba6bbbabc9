"""Random valid contents and random answers to them, for the property tests.

`random_content` is quick and takes any `random.Random`; `contents` is the same as a Hypothesis strategy, so that
what fails shrinks. Every structure that the rules of guidance speak of comes up: chains of `asked_after` as deep as
there are questions, two parents, positions against the order of the chains, kind `many`, exclusions, questions
without "unsure", conditions without clauses, documents on conditions, several life events.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

from service.content.basis import GROUPS
from service.content.models import Answer, Content, Question

Fields = dict[str, Any]
T = TypeVar("T")

TEXTS = (
    "国民健康保険の加入",
    "転入届（本人確認書類が必要）",
    "印鑑登録\n2行目もあります",
    "年金: 20歳から # 注意",
    "yes",
    "no",
    "null",
    "~",
    "on",
    "2026-04-01",
    "12:30:45",
    "0x1F",
    "0o17",
    "1_000",
    "1e3",
    ".5",
    "- 一",
    "? 何",
    "'一重' と \"二重\" と \\",
    "  前後に空白  ",
    "末尾に改行\n",
    "絵文字👪🏽‍と𠮟る",
    "<b>&amp;</b>",
    "{a: [b]}",
    "*alias &anchor !tag %directive @at `tick`",
    "|",
    "=",
    "<<",
    "true",
    "長" * 300,
    "a " * 150 + "b",
)
URLS = ("https://www.example.jp/", "https://www.example.jp/a?b=c&d=%E5%B8%82#e", "http://example.jp/:x")
GROUNDS = ("law", "city", "elsewhere")
DAYS = ("2024-02-29", "2026-01-01", "1999-12-31")


def _some(rng: Random, values: Sequence[T], least: int, most: int) -> list[T]:
    """Between `least` and `most` different values, as far as there are so many."""
    most = min(most, len(values))
    return rng.sample(list(values), rng.randint(min(least, most), most))


def _often(rng: Random, percent: int) -> bool:
    return rng.randint(1, 100) <= percent


def _names(rng: Random, stem: str, count: int) -> list[str]:
    """Keys whose order says nothing about the order in which they are made."""
    numbers = list(range(count))
    rng.shuffle(numbers)
    return [f"{stem}-{number}" for number in numbers]


def _question(rng: Random, key: str, earlier: list[Fields], deep: bool) -> Fields:
    kind = rng.choice(["one", "one", "many"])
    count = rng.randint(2 if kind == "one" else 1, 4)
    options = [{"key": f"{key}/{own}", "label": f"{key}の{own}"} for own in _names(rng, "o", count)]
    asked_after: list[str] = []
    if earlier and (deep or _often(rng, 50)):
        parents = [earlier[-1]] if deep else _some(rng, earlier, 1, 2)
        asked_after = [key for parent in parents for key in _some(rng, [o["key"] for o in parent["options"]], 1, 2)]
    return {
        "key": key,
        "text": f"{key}は何ですか",
        "kind": kind,
        "position": rng.randint(-1, 3),
        "unsure": _often(rng, 75),
        "asked_after": asked_after,
        "options": options,
    }


def _questions(rng: Random, count: int) -> list[Fields]:
    deep = _often(rng, 35)
    made: list[Fields] = []
    for key in _names(rng, "question", count):
        made.append(_question(rng, key, made, deep and _often(rng, 90)))
    return made


def _condition(rng: Random, key: str, content: Fields) -> Fields:
    options = [option["key"] for question in content["questions"] for option in question["options"]]
    requires = [_some(rng, options, 1, 3) for _ in range(rng.randint(0, 3))] if options else []
    required = {option for clause in requires for option in clause}
    free = [option for option in options if option not in required]
    return {
        "key": key,
        "label": f"{key}に当たる方",
        "life_events": _some(rng, [event["key"] for event in content["life_events"]], 1, 2),
        "requires": requires,
        "excludes": _some(rng, free, 1, 2) if free and _often(rng, 30) else [],
        "selects": _some(rng, [procedure["key"] for procedure in content["procedures"]], 0, 3),
        "needs": _some(rng, [document["key"] for document in content["documents"]], 0, 2),
    }


def _procedures(rng: Random, count: int, documents: list[Fields]) -> list[Fields]:
    made: list[Fields] = []
    for key in _names(rng, "procedure", count):
        made.append(
            {
                "key": key,
                "name": f"{key}の届出",
                "nature": rng.choice(["duty", "benefit", "option", "not_needed", "information"]),
                "needs": _some(rng, [document["key"] for document in documents], 0, 2),
                "follows": _some(rng, [procedure["key"] for procedure in made], 0, 2),
                "done_with": _some(rng, [procedure["key"] for procedure in made], 0, 1),
            }
            | ({} if _often(rng, 80) else {"needs": None})
        )
    return made


def _maybe(rng: Random, fields: Fields) -> Fields:
    """Each field or not."""
    return {name: value for name, value in fields.items() if _often(rng, 40)}


def _method(rng: Random) -> Any:
    answer = rng.choice(["yes", "no", "unknown"])
    return rng.choice([answer, {"is": answer}, {"is": answer, "note": rng.choice(TEXTS)}])


def _deadline(rng: Random, dated: list[str]) -> Fields:
    fields: Fields = {
        "value": rng.randint(0, 400),
        "unit": rng.choice(["day", "month", "year", "day_before", "day_of_previous_month"]),
        "from": rng.choice(TEXTS),
        "first_day_counts": rng.choice([True, False, "unknown", None]),
        "next_opening_day": rng.choice(["yes", "no", "unknown"]),
        "period": rng.choice([{"opens": DAYS[0]}, {"closes": DAYS[0]}, {"opens": DAYS[2], "closes": DAYS[0]}]),
        "kind": rng.choice(["legal", "claim", "irreversible", "before_action", "practical", "none"]),
        "note": rng.choice(TEXTS),
    }
    if dated:
        fields["from_event"] = rng.choice([rng.choice(dated), _some(rng, dated, 1, 3)])
    return _maybe(rng, fields)


def _source(rng: Random) -> Fields:
    named = rng.choice([{"url": rng.choice(URLS)}, {"title": rng.choice(TEXTS)}])
    more = {"title": rng.choice(TEXTS), "basis": rng.choice(GROUNDS), "checked_on": rng.choice(DAYS)}
    return named | _maybe(rng, more)


def _sources(rng: Random) -> Fields:
    return {"sources": [_source(rng) for _ in range(rng.randint(0, 3))]}


def _basis(rng: Random) -> Any:
    groups = {group: rng.choice(GROUNDS) for group in GROUPS if _often(rng, 60)}
    return rng.choice([rng.choice(GROUNDS), groups, dict.fromkeys(GROUPS, "city")])


def _describe(rng: Random, content: Fields) -> None:
    """Fills in what the rules of guidance do not look at."""
    for event in content["life_events"]:
        event |= _maybe(rng, {"summary": rng.choice(TEXTS), "icon": "home", "date_label": rng.choice(TEXTS)})
    for question in content["questions"]:
        question |= _maybe(rng, {"help": rng.choice(TEXTS), "section": rng.choice(TEXTS)})
        for option in question["options"]:
            option |= _maybe(rng, {"help": rng.choice(TEXTS), "label": rng.choice(TEXTS)})
    for document in content["documents"]:
        document |= _maybe(
            rng,
            {
                "help": rng.choice(TEXTS),
                "copies": rng.randint(1, 3),
                "who_has_it": rng.choice(TEXTS),
                "form_url": rng.choice(URLS),
                "basis": rng.choice(GROUNDS),
            },
        )
    _describe_procedures(rng, content)


def _describe_procedures(rng: Random, content: Fields) -> None:
    dated = [event["key"] for event in content["life_events"] if "date_label" in event]
    for procedure in content["procedures"]:
        texts = ("reading", "summary", "field", "fee", "amount", "if_late", "note")
        methods = ("postal", "proxy", "online", "prepare_in_advance")
        procedure |= _maybe(
            rng,
            {name: rng.choice(TEXTS) for name in texts}
            | {name: rng.choice(URLS) for name in ("url", "online_url", "form_url")}
            | {name: _method(rng) for name in methods}
            | _sources(rng)
            | {
                "basis": _basis(rng),
                "synonyms": _some(rng, TEXTS, 0, 3),
                "duration_minutes": rng.randint(0, 90),
                "deadline": _deadline(rng, dated),
                "review_by": rng.choice(DAYS),
                "handled_at": _some(rng, [window["key"] for window in content["windows"]], 0, 3),
                "governed_by": _some(rng, [law["key"] for law in content["laws"]], 0, 2),
            },
        )


def _surroundings(rng: Random) -> Fields:
    """Windows, terms and laws."""
    places = ("building", "floor", "counter", "phone", "email", "hours", "alternative_hours", "closed")
    return {
        "windows": [
            {"key": key, "name": rng.choice(TEXTS)}
            | _maybe(rng, {name: rng.choice(TEXTS) for name in places} | _sources(rng))
            | _maybe(rng, {"walking_order": rng.randint(0, 9), "basis": rng.choice(GROUNDS)})
            | _maybe(rng, {name: rng.choice(URLS) for name in ("map_url", "online_booking_url")})
            for key in _names(rng, "window", rng.randint(0, 3))
        ],
        "terms": [
            {
                "key": key,
                "term": rng.choice(["国民健康保険", "保険", "転入", "年金", "加入", *TEXTS]),
                "meaning": "意味",
            }
            | _maybe(rng, {"reading": rng.choice(TEXTS)})
            for key in _names(rng, "term", rng.randint(0, 4))
        ],
        "laws": [
            {"key": key, "name": rng.choice(TEXTS)}
            | _maybe(rng, {"article": "第9条", "url": rng.choice(URLS), "in_force_from": rng.choice(DAYS)})
            for key in _names(rng, "law", rng.randint(0, 2))
        ],
    }


def _scenario(rng: Random, key: str, content: Fields) -> Fields:
    procedures = [procedure["key"] for procedure in content["procedures"]]
    rng.shuffle(procedures)
    cut = rng.randint(0, len(procedures))
    answers: Fields = {}
    for question in _some(rng, content["questions"], 0, 4):
        options = [option["key"] for option in question["options"]]
        chosen = _some(rng, options, 1, 1) if question["kind"] == "one" else _some(rng, options, 0, 3)
        answers[question["key"]] = "unsure" if question["unsure"] and _often(rng, 25) else chosen
    return {
        "key": key,
        "name": rng.choice(TEXTS),
        "life_events": _some(rng, [event["key"] for event in content["life_events"]], 1, 2),
        "answers": answers,
        "expects": _some(rng, procedures[:cut], 0, 3),
        "rules_out": _some(rng, procedures[cut:], 0, 3),
    } | _maybe(rng, {"note": rng.choice(TEXTS)})


def random_document(
    rng: Random,
    *,
    life_events: int = 3,
    questions: int = 8,
    conditions: int = 12,
    procedures: int = 8,
    documents: int = 5,
    described: bool = True,
) -> Fields:
    """A valid document as plain data, in random order; not `described`: only what guidance reads."""
    content: Fields = {"format": 2, "windows": [], "terms": [], "laws": []}
    if described:
        content |= _surroundings(rng)
    content["life_events"] = [
        {"key": key, "name": f"{key}をする", "position": rng.randint(0, 3)}
        for key in _names(rng, "event", max(1, life_events))
    ]
    content["questions"] = _questions(rng, questions)
    content["documents"] = [{"key": key, "name": f"{key}の証"} for key in _names(rng, "document", documents)]
    content["procedures"] = _procedures(rng, procedures, content["documents"])
    content["conditions"] = [_condition(rng, key, content) for key in _names(rng, "condition", conditions)]
    if described:
        _describe(rng, content)
        names = _names(rng, "scenario", rng.randint(0, 3))
        content["scenarios"] = [_scenario(rng, key, content) for key in names]
    rng.shuffle(content["questions"])
    return content


def random_content(rng: Random, **sizes: Any) -> Content:
    """The same as a `Content`; `sizes` are those of `random_document`."""
    return Content.model_validate(random_document(rng, **sizes))


def random_life_events(rng: Random, content: Content) -> list[str]:
    """One or more life events of the content."""
    return _some(rng, [event.key for event in content.life_events], 1, 3)


def random_answer(rng: Random, question: Question) -> Answer:
    """A possible answer: unsure only where it is offered, one option for `one`, any number for `many`."""
    if question.unsure and _often(rng, 20):
        return Answer(question=question.key, unsure=True)
    keys = [option.key for option in question.options]
    chosen = [rng.choice(keys)] if question.kind == "one" else _some(rng, keys, 0, len(keys))
    return Answer(question=question.key, options=tuple(key for key in keys if key in chosen))


def random_answers(rng: Random, content: Content, *, percent: int | None = None) -> tuple[Answer, ...]:
    """Answers to about `percent` of the questions (any share if None), ready or not, in order of the keys."""
    share = rng.choice([0, 20, 50, 80, 100]) if percent is None else percent
    questions = sorted(content.questions, key=lambda question: question.key)
    return tuple(random_answer(rng, question) for question in questions if _often(rng, share))


@st.composite
def raw_documents(draw: st.DrawFn, *, described: bool = True, most: int = 8) -> Fields:
    """Valid content documents as plain data; `most` bounds questions, conditions and procedures."""
    rng = draw(st.randoms(use_true_random=False))
    size = st.integers(0, most)
    return random_document(
        rng,
        life_events=draw(st.integers(1, 3)),
        questions=draw(size),
        conditions=draw(size),
        procedures=draw(size),
        documents=draw(st.integers(0, 4)),
        described=described,
    )


def contents(*, described: bool = True, most: int = 8) -> st.SearchStrategy[Content]:
    """Valid contents; with `described` False only what guidance reads."""
    return raw_documents(described=described, most=most).map(Content.model_validate)
