"""What is wrong between the items of a content, where each of them is well formed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from service.content import registry
from service.content.field_errors import FieldFault
from service.content.fields import FieldEntry, Place, references
from service.content.models import Condition, Content, ItemModel, LifeEvent, Procedure, Question, Scenario

_MOST_CYCLES = 50

T = TypeVar("T")


def faults(content: Content, *, ill_formed: Mapping[str, str] | None = None) -> list[FieldFault]:
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
        found.extend(_wrong_condition(place, condition))
    for place, procedure in _each("procedures", content.procedures):
        found.extend(_wrong_deadline(place, procedure, events))
    for place, scenario in _each("scenarios", content.scenarios):
        found.extend(_wrong_scenario(place, scenario, questions))
    found.extend(_all_cycles(content))
    return found


def _each(name: str, items: Sequence[T]) -> Iterator[tuple[Place, T]]:
    return (((name, index), item) for index, item in enumerate(items))


def _keys(content: Content) -> Iterator[tuple[Place, str, str]]:
    """Every key of the content with its place and the label of its kind; last those that stand inside items."""
    for name, kind in registry.current().lists.items():
        for index, item in enumerate(getattr(content, name)):
            yield (name, index, "key"), item.key, kind.label
    for name, kind in registry.current().lists.items():
        if kind.owned:
            yield from _owned_keys(name, getattr(content, name), kind.owned)


def _owned_keys(name: str, items: Sequence[ItemModel], owned: FieldEntry) -> Iterator[tuple[Place, str, str]]:
    for index, item in enumerate(items):
        for number, inside in enumerate(owned.of(item)):
            yield (name, index, owned.name, number, "key"), inside.key, inside.about.label


def _repeated_keys(content: Content, kinds: dict[str, str]) -> Iterator[FieldFault]:
    """A fault per key that is used again; `kinds` learns the kind of every key."""
    for place, key, kind in _keys(content):
        if key in kinds:
            used = registry.name_of(kinds[key])
            yield FieldFault(place, f"キー「{key}」は、すでに{used}に使われています。別のキーにしてください。", key)
        kinds.setdefault(key, kind)


def _wrong_references(content: Content, kinds: Mapping[str, str]) -> Iterator[FieldFault]:
    for name, kind in registry.current().lists.items():
        for place, item in _each(name, getattr(content, name)):
            for inside, key, reference in references(item, kind.model):
                yield from _wrong_reference((*place, *inside), key, reference.kind, kinds, item.key)


def _wrong_reference(place: Place, key: str, kind: str, kinds: Mapping[str, str], owner: str) -> Iterator[FieldFault]:
    found, wanted = kinds.get(key), registry.name_of(kind)
    if found is None:
        yield FieldFault(place, f"{wanted}「{key}」はありません。キーを直すか、{wanted}を加えてください。", owner)
    elif found != kind:
        yield FieldFault(place, f"「{key}」は{registry.name_of(found)}です。{wanted}のキーを書いてください。", owner)


def _wrong_question(place: Place, question: Question) -> Iterator[FieldFault]:
    least = 2 if question.kind == "one" else 1
    if len(question.options) < least:
        message = f"選択肢が足りません。kind: {question.kind} の質問には{least}つ以上書いてください。"
        yield FieldFault((*place, "options"), message, question.key)
    for index, option in enumerate(question.options):
        if option.key.partition("/")[0] != question.key:
            message = f"選択肢のキー「{option.key}」は「{question.key}/」で始めてください。"
            yield FieldFault((*place, "options", index, "key"), message, question.key)


def _wrong_condition(place: Place, condition: Condition) -> Iterator[FieldFault]:
    for index, clause in enumerate(condition.requires):
        here = (*place, "requires", index)
        if not clause:
            message = "空の組があります。選択肢を書くか、組ごと消してください（空の組は誰にも当たりません）。"
            yield FieldFault(here, message, condition.key)
    required = {option for clause in condition.requires for option in clause}
    for index, option in enumerate(condition.excludes):
        if option in required:
            message = f"「{option}」が requires と excludes の両方にあります。どちらかから消してください。"
            yield FieldFault((*place, "excludes", index), message, condition.key)


def _wrong_deadline(place: Place, procedure: Procedure, events: Mapping[str, LifeEvent]) -> Iterator[FieldFault]:
    keys = (procedure.deadline.from_event if procedure.deadline else None) or []
    for index, key in enumerate(keys):
        if key in events and events[key].date_label is None:
            message = f"ライフイベント「{key}」には date_label がなく、日付を聞きません。date_label を加えてください。"
            yield FieldFault((*place, "deadline", "from_event", index), message, procedure.key)


def _wrong_scenario(place: Place, scenario: Scenario, questions: Mapping[str, Question]) -> Iterator[FieldFault]:
    expected = set(scenario.expects)
    for index, key in enumerate(scenario.rules_out):
        if key in expected:
            message = f"「{key}」が expects と rules_out の両方にあります。どちらかから消してください。"
            yield FieldFault((*place, "rules_out", index), message, scenario.key)
    for key, answer in scenario.answers.items():
        here = (*place, "answers", key)
        if key in questions:
            for more, message in _wrong_answer(questions[key], answer):
                yield FieldFault((*here, *more), message, scenario.key)


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


def _all_cycles(content: Content) -> Iterator[FieldFault]:
    """Items may not come before themselves; one that names a part of another (an option) comes after that one."""
    for label, field in registry.acyclic():
        kind = registry.kind(label)
        name = registry.list_of(label)
        items = getattr(content, name)
        before = {item.key: [key.partition("/")[0] for key in kind.fields[field].of(item)] for item in items}
        yield from _cycles(name, field, before)


def _cycles(name: str, field: str, before: Mapping[str, Iterable[str]]) -> Iterator[FieldFault]:
    """A fault per cycle, named in full; what is found is cut, so that the next one shows."""
    left = {key: dict.fromkeys(befores) for key, befores in before.items()}
    index = {key: number for number, key in enumerate(before)}
    for _ in range(_MOST_CYCLES):
        cycle = _cycle(left)
        if cycle is None:
            return
        message = f"{field} が一巡しています（{' → '.join(reversed(cycle))}）。どれか1つを消してください。"
        yield FieldFault((name, index[cycle[1]], field), message, cycle[1])
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
