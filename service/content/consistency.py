"""What is wrong between the items of a content, where each of them is well formed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import TypeVar

from service.content.field_errors import Fault
from service.content.models import KIND_OF_LIST, Condition, Content, Kind, LifeEvent, Procedure, Question, Scenario
from service.content.reading import Place

NAME_OF_KIND: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.LIFE_EVENT: "ライフイベント",
        Kind.QUESTION: "質問",
        Kind.OPTION: "選択肢",
        Kind.CONDITION: "条件",
        Kind.PROCEDURE: "手続き",
        Kind.DOCUMENT: "必要書類",
        Kind.WINDOW: "窓口",
        Kind.TERM: "用語",
        Kind.LAW: "根拠法令",
        Kind.SCENARIO: "試験ケース",
    }
)
_REFERENCES: tuple[tuple[str, str, Kind], ...] = (
    ("questions", "asked_after", Kind.OPTION),
    ("conditions", "life_events", Kind.LIFE_EVENT),
    ("conditions", "excludes", Kind.OPTION),
    ("conditions", "selects", Kind.PROCEDURE),
    ("conditions", "needs", Kind.DOCUMENT),
    ("procedures", "needs", Kind.DOCUMENT),
    ("procedures", "handled_at", Kind.WINDOW),
    ("procedures", "follows", Kind.PROCEDURE),
    ("procedures", "governed_by", Kind.LAW),
    ("scenarios", "life_events", Kind.LIFE_EVENT),
    ("scenarios", "expects", Kind.PROCEDURE),
    ("scenarios", "rules_out", Kind.PROCEDURE),
)
_MOST_CYCLES = 50

T = TypeVar("T")


def faults(content: Content, *, ill_formed: Mapping[str, Kind] | None = None) -> list[Fault]:
    """Everything that is wrong between the items, in the order of the document; empty where it is sound.

    `ill_formed` are keys of items that are not in `content` because they are wrong in themselves: to refer to
    them is no second fault.
    """
    kinds = dict(ill_formed or {})
    found = list(_repeated_keys(content, kinds))
    events = {event.key: event for event in content.life_events}
    questions = {question.key: question for question in content.questions}
    found.extend(_wrong_references(content, kinds))
    for place, question in _each("questions", content.questions):
        found.extend(_wrong_question(place, question))
    for place, condition in _each("conditions", content.conditions):
        found.extend(_wrong_condition(place, condition, kinds))
    for place, procedure in _each("procedures", content.procedures):
        found.extend(_wrong_deadline(place, procedure, events, kinds))
    for place, scenario in _each("scenarios", content.scenarios):
        found.extend(_wrong_scenario(place, scenario, questions, kinds))
    found.extend(_cycles_of_questions(content))
    found.extend(_cycles_of_procedures(content))
    return found


def _each(name: str, items: Sequence[T]) -> Iterator[tuple[Place, T]]:
    return (((name, index), item) for index, item in enumerate(items))


def _keys(content: Content) -> Iterator[tuple[Place, str, Kind]]:
    """Every key of the content with its place and kind, options included."""
    for name, kind in KIND_OF_LIST.items():
        for index, item in enumerate(getattr(content, name)):
            yield (name, index, "key"), item.key, kind
    for index, question in enumerate(content.questions):
        for number, option in enumerate(question.options):
            yield ("questions", index, "options", number, "key"), option.key, Kind.OPTION


def _repeated_keys(content: Content, kinds: dict[str, Kind]) -> Iterator[Fault]:
    """A fault per key that is used again; `kinds` learns the kind of every key."""
    for place, key, kind in _keys(content):
        if key in kinds:
            used = NAME_OF_KIND[kinds[key]]
            yield Fault(place, f"キー「{key}」は、すでに{used}に使われています。別のキーにしてください。", key)
        kinds.setdefault(key, kind)


def _wrong_references(content: Content, kinds: Mapping[str, Kind]) -> Iterator[Fault]:
    for name, field, kind in _REFERENCES:
        for place, item in _each(name, getattr(content, name)):
            for index, key in enumerate(getattr(item, field)):
                yield from _wrong_reference((*place, field, index), key, kind, kinds, item.key)


def _wrong_reference(place: Place, key: str, kind: Kind, kinds: Mapping[str, Kind], owner: str) -> Iterator[Fault]:
    found, wanted = kinds.get(key), NAME_OF_KIND[kind]
    if found is None:
        yield Fault(place, f"{wanted}「{key}」はありません。キーを直すか、{wanted}を加えてください。", owner)
    elif found is not kind:
        yield Fault(place, f"「{key}」は{NAME_OF_KIND[found]}です。{wanted}のキーを書いてください。", owner)


def _wrong_question(place: Place, question: Question) -> Iterator[Fault]:
    least = 2 if question.kind == "one" else 1
    if len(question.options) < least:
        message = f"選択肢が足りません。kind: {question.kind} の質問には{least}つ以上書いてください。"
        yield Fault((*place, "options"), message, question.key)
    for index, option in enumerate(question.options):
        if option.key.partition("/")[0] != question.key:
            message = f"選択肢のキー「{option.key}」は「{question.key}/」で始めてください。"
            yield Fault((*place, "options", index, "key"), message, question.key)


def _wrong_condition(place: Place, condition: Condition, kinds: Mapping[str, Kind]) -> Iterator[Fault]:
    for index, clause in enumerate(condition.requires):
        here = (*place, "requires", index)
        if not clause:
            message = "空の組があります。選択肢を書くか、組ごと消してください（空の組は誰にも当たりません）。"
            yield Fault(here, message, condition.key)
        for number, option in enumerate(clause):
            yield from _wrong_reference((*here, number), option, Kind.OPTION, kinds, condition.key)
    required = {option for clause in condition.requires for option in clause}
    for index, option in enumerate(condition.excludes):
        if option in required:
            message = f"「{option}」が requires と excludes の両方にあります。どちらかから消してください。"
            yield Fault((*place, "excludes", index), message, condition.key)


def _wrong_deadline(
    place: Place, procedure: Procedure, events: Mapping[str, LifeEvent], kinds: Mapping[str, Kind]
) -> Iterator[Fault]:
    key = procedure.deadline.from_event if procedure.deadline else None
    if key is None:
        return
    here = (*place, "deadline", "from_event")
    yield from _wrong_reference(here, key, Kind.LIFE_EVENT, kinds, procedure.key)
    if key in events and events[key].date_label is None:
        message = f"ライフイベント「{key}」には date_label がなく、日付を聞きません。date_label を加えてください。"
        yield Fault(here, message, procedure.key)


def _wrong_scenario(
    place: Place, scenario: Scenario, questions: Mapping[str, Question], kinds: Mapping[str, Kind]
) -> Iterator[Fault]:
    expected = set(scenario.expects)
    for index, key in enumerate(scenario.rules_out):
        if key in expected:
            message = f"「{key}」が expects と rules_out の両方にあります。どちらかから消してください。"
            yield Fault((*place, "rules_out", index), message, scenario.key)
    for key, answer in scenario.answers.items():
        here = (*place, "answers", key)
        yield from _wrong_reference(here, key, Kind.QUESTION, kinds, scenario.key)
        if key in questions:
            for more, message in _wrong_answer(questions[key], answer):
                yield Fault((*here, *more), message, scenario.key)


def _wrong_answer(question: Question, answer: list[str] | str) -> Iterator[tuple[Place, str]]:
    """What is wrong with a scenario's answer, with the place below it."""
    if isinstance(answer, str):
        if not question.unsure:
            yield (), f"質問「{question.key}」は「わからない」を選べません。選択肢を書いてください。"
        return
    offered = {option.key for option in question.options}
    for index, key in enumerate(answer):
        if key not in offered:
            yield (index,), f"「{key}」は質問「{question.key}」の選択肢ではありません。キーを直してください。"
    if question.kind == "one" and len(set(answer)) != 1:
        yield (), f"質問「{question.key}」で選べるのは1つです。選択肢を1つだけ書いてください。"


def _cycles_of_questions(content: Content) -> Iterator[Fault]:
    """A question comes after those that offer one of the options it is asked after."""
    before = {
        question.key: [option.partition("/")[0] for option in question.asked_after] for question in content.questions
    }
    yield from _cycles("questions", "asked_after", before)


def _cycles_of_procedures(content: Content) -> Iterator[Fault]:
    before = {procedure.key: procedure.follows for procedure in content.procedures}
    yield from _cycles("procedures", "follows", before)


def _cycles(name: str, field: str, before: Mapping[str, Iterable[str]]) -> Iterator[Fault]:
    """A fault per cycle, named in full; what is found is cut, so that the next one shows."""
    left = {key: dict.fromkeys(befores) for key, befores in before.items()}
    index = {key: number for number, key in enumerate(before)}
    for _ in range(_MOST_CYCLES):
        cycle = _cycle(left)
        if cycle is None:
            return
        message = f"{field} が一巡しています（{' → '.join(reversed(cycle))}）。どれか1つを消してください。"
        yield Fault((name, index[cycle[1]], field), message, cycle[1])
        del left[cycle[1]][cycle[0]]


def is_circular(before: Mapping[str, Iterable[str]]) -> bool:
    """Whether anything comes before itself; `before` names what comes directly before each."""
    return _cycle(before) is not None


def _cycle(before: Mapping[str, Iterable[str]]) -> list[str] | None:
    """One cycle, each the predecessor of the next, the first again at the end; None if there is none."""
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        return list(error.args[1])
    return None
