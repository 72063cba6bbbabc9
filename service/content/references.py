"""Who refers to whom among the items of a content, and what stays of an item when others go."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from service.content.models import Kind
from service.content.patches import Fields, Item
from service.errors import Refused

_LISTS: Mapping[Kind, tuple[str, ...]] = {
    Kind.QUESTION: ("asked_after",),
    Kind.CONDITION: ("life_events", "excludes", "selects", "needs"),
    Kind.PROCEDURE: ("needs", "handled_at", "follows", "governed_by"),
    Kind.SCENARIO: ("life_events", "expects", "rules_out"),
}
_NEVER_EMPTIED = {"asked_after", "life_events"}
"""Lists whose last entry must not vanish: without it the item would speak to everybody, or to nobody."""


def own_keys(item: Item) -> tuple[str, ...]:
    """The keys that an item brings into the content: its own, and those of a question's options."""
    return (item.key, *(option["key"] for option in item.fields.get("options", ())))


def named(item: Item) -> Iterator[str]:
    """Every key that the item refers to, some more than once."""
    fields = item.fields
    for name in _LISTS.get(item.kind, ()):
        yield from fields.get(name, ())
    for clause in fields.get("requires", ()):
        yield from clause
    for question, said in fields.get("answers", {}).items():
        yield question
        yield from said if isinstance(said, list) else ()
    if "from_event" in fields.get("deadline", {}):
        yield fields["deadline"]["from_event"]


def referrers(items: Mapping[str, Item], gone: Collection[str]) -> list[Item]:
    """The items that refer to one of these keys and are none of them, by key."""
    return [
        item for key, item in sorted(items.items()) if key not in gone and any(other in gone for other in named(item))
    ]


def detached(item: Item, gone: Collection[str]) -> Item:
    """The item without its references to these keys.

    Errors: Refused where the last option of a clause, the last life event or the last option that a question is asked
    after would go: the rule would then mean something else for everybody.
    """
    fields: Fields = dict(item.fields)
    for name in _LISTS.get(item.kind, ()):
        _keep(fields, name, [key for key in fields.get(name, ()) if key not in gone], item=item)
    if "requires" in fields:
        fields["requires"] = [[key for key in clause if key not in gone] for clause in fields["requires"]]
        if not all(fields["requires"]):
            raise _emptied(item, "requires")
    if "answers" in fields:
        fields["answers"] = dict(_answers(fields["answers"], gone))
    if fields.get("deadline", {}).get("from_event") in gone:
        fields["deadline"] = {name: value for name, value in fields["deadline"].items() if name != "from_event"}
    return Item(item.kind, fields)


def _keep(fields: Fields, name: str, kept: list[str], *, item: Item) -> None:
    if name not in fields:
        return
    if kept:
        fields[name] = kept
    elif name in _NEVER_EMPTIED:
        raise _emptied(item, name)
    else:
        del fields[name]


def _answers(answers: Mapping[str, list[str] | str], gone: Collection[str]) -> Iterator[tuple[str, list[str] | str]]:
    """A scenario's answers without what is gone; one whose only option is gone says nothing any more."""
    for question, said in answers.items():
        if question in gone:
            continue
        kept = said if isinstance(said, str) else [key for key in said if key not in gone]
        if kept or not said:
            yield question, kept


def _emptied(item: Item, name: str) -> Refused:
    return Refused(
        f"「{item.key}」の {name} が空になってしまいます。先に「{item.key}」を直すか、一緒に削除してください。",
        where=f"/{name}",
    )
