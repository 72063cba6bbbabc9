"""Random edits of a content, each of which leaves a valid one: what an editor may do to the rules."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from service.content.canonical import document
from service.content.loading import read_plain
from service.content.models import Content
from tests.evaluation import question_of

Fields = dict[str, Any]

LISTS = ("life_events", "questions", "conditions", "procedures", "documents", "scenarios")


def edited(rng: Random, content: Content, *, times: int, stem: str = "new") -> Content:
    """The content after so many random edits, some of which may have found nothing to do; `stem` begins new keys."""
    made = document(content)
    for name in LISTS:
        made.setdefault(name, [])
    for number in range(times):
        rng.choice(EDITS)(rng, made, f"{stem}-{number}")
    return read_plain({name: value for name, value in made.items() if value})


def _options(made: Fields) -> list[str]:
    return [option["key"] for question in made["questions"] for option in question["options"]]


def _keys(made: Fields, name: str) -> list[str]:
    return [item["key"] for item in made[name]]


def _few(rng: Random, keys: list[str], least: int, most: int) -> list[str]:
    return rng.sample(keys, min(len(keys), rng.randint(least, most)))


def _add_option(rng: Random, made: Fields, name: str) -> None:
    if made["questions"]:
        question = rng.choice(made["questions"])
        place = rng.randint(0, len(question["options"]))
        question["options"].insert(place, {"key": f"{question['key']}/{name}", "label": name})


def _remove_option(rng: Random, made: Fields, name: str) -> None:
    large = [one for one in made["questions"] if len(one["options"]) > (2 if one["kind"] == "one" else 1)]
    if large:
        question = rng.choice(large)
        gone = question["options"].pop(rng.randrange(len(question["options"])))
        _forget(made, {gone["key"]})


def _remove_question(rng: Random, made: Fields, name: str) -> None:
    if made["questions"]:
        gone = made["questions"].pop(rng.randrange(len(made["questions"])))
        _forget(made, {option["key"] for option in gone["options"]})
        for scenario in made["scenarios"]:
            scenario.get("answers", {}).pop(gone["key"], None)


def _forget(made: Fields, gone: set[str]) -> None:
    """Takes the options out of everything that names them; a row whose clause would vanish goes as a whole."""
    for item in (*made["questions"], *made["conditions"]):
        for field in ("asked_after", "excludes"):
            if field in item:
                item[field] = [key for key in item[field] if key not in gone]
    for row in list(made["conditions"]):
        row["requires"] = [[key for key in clause if key not in gone] for clause in row.get("requires", [])]
        if not all(row["requires"]):
            made["conditions"].remove(row)
    for scenario in made["scenarios"]:
        answers = scenario.get("answers", {})
        scenario["answers"] = {key: said for key, said in answers.items() if said == "unsure" or not gone & set(said)}


def _add_question(rng: Random, made: Fields, name: str) -> None:
    options = [{"key": f"{name}/o-{number}", "label": name} for number in range(rng.randint(2, 3))]
    question = {"key": name, "text": name, "kind": rng.choice(["one", "many"]), "options": options}
    question["asked_after"] = _few(rng, _options(made), 0, 2)
    made["questions"].append(question)
    rows = [row for row in made["conditions"] if row.get("requires")]
    if rows:
        rng.choice(rng.choice(rows)["requires"]).append(rng.choice(options)["key"])


def _change_kind(rng: Random, made: Fields, name: str) -> None:
    able = [one for one in made["questions"] if len(one["options"]) > 1]
    if able:
        question = rng.choice(able)
        question["kind"] = "many" if question["kind"] == "one" else "one"
        for scenario in made["scenarios"]:
            scenario.get("answers", {}).pop(question["key"], None)


def _change_asked_after(rng: Random, made: Fields, name: str) -> None:
    if made["questions"]:
        question = rng.choice(made["questions"])
        below = _below(made, question["key"])
        free = [key for key in _options(made) if question_of(key) not in below]
        question["asked_after"] = _few(rng, free, 0, 2)


def _below(made: Fields, key: str) -> set[str]:
    """The question and those that follow it: it may not follow them, which would be a cycle."""
    found, grown = {key}, True
    while grown:
        more = {one["key"] for one in made["questions"] if {question_of(o) for o in one.get("asked_after", [])} & found}
        grown = not more <= found
        found |= more
    return found


def _add_condition(rng: Random, made: Fields, name: str) -> None:
    made["conditions"].append({"key": name, "label": name, "life_events": _few(rng, _keys(made, "life_events"), 1, 2)})
    _change_condition(rng, made, name, made["conditions"][-1])


def _change_condition(rng: Random, made: Fields, name: str, row: Fields | None = None) -> None:
    if not made["conditions"]:
        return
    fresh = row is not None
    row = row or rng.choice(made["conditions"])
    options = _options(made)
    if fresh or rng.random() < 0.5:
        clauses = [_few(rng, options, 1, 2) for _ in range(rng.randint(0, 2))] if options else []
        row["requires"] = clauses
        row["excludes"] = [key for key in _few(rng, options, 0, 1) if not any(key in one for one in clauses)]
    if fresh or rng.random() < 0.5:
        row["selects"] = _few(rng, _keys(made, "procedures"), 0, 2)
    if fresh or rng.random() < 0.5:
        row["needs"] = _few(rng, _keys(made, "documents"), 0, 2)
    if rng.random() < 0.2:
        row["life_events"] = _few(rng, _keys(made, "life_events"), 1, 2)


def _remove_condition(rng: Random, made: Fields, name: str) -> None:
    if made["conditions"]:
        made["conditions"].pop(rng.randrange(len(made["conditions"])))


def _change_needs(rng: Random, made: Fields, name: str) -> None:
    if made["procedures"]:
        rng.choice(made["procedures"])["needs"] = _few(rng, _keys(made, "documents"), 0, 2)


def _reword(rng: Random, made: Fields, name: str) -> None:
    """Changes no result."""
    for item in (*made["conditions"], *(option for one in made["questions"] for option in one["options"])):
        item["label"] = f"{item['label']}、{name}"


def _add_life_event(rng: Random, made: Fields, name: str) -> None:
    made["life_events"].append({"key": name, "name": name})
    if made["conditions"]:
        rng.choice(made["conditions"])["life_events"].append(name)


def _remove_life_event(rng: Random, made: Fields, name: str) -> None:
    if len(made["life_events"]) < 2:
        return
    gone = made["life_events"].pop(rng.randrange(len(made["life_events"])))["key"]
    for field in ("conditions", "scenarios"):
        for item in made[field]:
            item["life_events"] = [key for key in item["life_events"] if key != gone]
        made[field] = [item for item in made[field] if item["life_events"]]
    for procedure in made["procedures"]:
        deadline = procedure.get("deadline", {})
        left = [key for key in deadline.pop("from_event", []) if key != gone]
        deadline |= {"from_event": left} if left else {}


EDITS: tuple[Callable[[Random, Fields, str], None], ...] = (
    _add_option,
    _remove_option,
    _add_question,
    _remove_question,
    _change_kind,
    _change_asked_after,
    _add_condition,
    _change_condition,
    _change_condition,
    _remove_condition,
    _change_needs,
    _reword,
    _add_life_event,
    _remove_life_event,
)
