"""What is wrong with the rules of a content, proved over all households of each life event, never sampled.

Flaws are data: a code, the keys of the items, and parameters; the sentences stand elsewhere, and what one statement
sees (an option that nothing looks at) is checked by `cypher/checks`. What is too large to be proved is told as well
(`not_decided`): silence always means that it was proved. Meanings:

| code | severity | keys | params |
|---|---|---|---|
| question_never_asked | warning | question | events; whatever is answered, others settle the result first |
| question_without_effect | warning | question | events: where it is asked, and no answer ever changes a result |
| question_idle | warning | question | households: how many are asked it when its answer can change nothing more |
| condition_never | warning | condition | – it cannot hold |
| condition_always | warning | condition | – it looks at answers, and holds whatever they are |
| condition_repeats | warning | condition, condition | – they always hold together and lead to the same |
| condition_swallowed | hint | condition, condition | – the second holds wherever the first does, and leads to as much |
| procedure_unreachable | blocking | procedure | – conditions lead to it, and none can hold |
| procedure_always | hint | procedure | – conditions ask for answers, and it applies whatever they are |
| document_never_needed | warning | document | – something needs it, and no household ever does |
| not_decided | warning | life event | what (`rules`, `interviews`), why, limit |

`event` is the life event that it is about (None: all of them). A `witness` holds a household's answers, or for
`question_idle` the answers given so far, in the order asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from service.analysis import bdd
from service.analysis.bdd import NONE, Compiled, NotDecided, options_of, question_of, relevant
from service.analysis.findings import Severity
from service.analysis.interview_paths import WORK, Walk
from service.caching import PROCESS, Part
from service.content.models import Answer, Condition, Content

EVENT_BYTES, PAIR_BYTES = 10_000, 500
"""What is kept of a life event, and of each pair of conditions in it of which one does the work of the other."""

Param = str | int | tuple[str, ...]

SEVERITIES: Mapping[str, Severity] = MappingProxyType(
    {
        "question_never_asked": "warning",
        "question_without_effect": "warning",
        "question_idle": "warning",
        "condition_never": "warning",
        "condition_always": "warning",
        "condition_repeats": "warning",
        "condition_swallowed": "hint",
        "procedure_unreachable": "blocking",
        "procedure_always": "hint",
        "document_never_needed": "warning",
        "not_decided": "warning",
    }
)
"""Blocking is what hides something from residents that the content means to show them."""


@dataclass(frozen=True, slots=True)
class ContentFlaw:
    """What is wrong, and with which items; the table of the module says what each code means."""

    code: str
    keys: tuple[str, ...]
    event: str | None = None
    params: Mapping[str, Param] = field(default_factory=dict)
    witness: tuple[Answer, ...] | None = None

    @property
    def severity(self) -> Severity:
        """Whether it stands in the way of publishing, should be mended, or is only worth knowing."""
        return SEVERITIES[self.code]


@dataclass(frozen=True, slots=True)
class Shown:
    """What all households of one life event show: questions whose answers never change a result, conditions that hold
    for somebody and for everybody, procedures likewise, documents that somebody needs."""

    idle: frozenset[str]
    holds: frozenset[str]
    always: frozenset[str]
    applies: frozenset[str]
    applies_always: frozenset[str]
    needed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Decided:
    """What was worked out for one life event alone; `shown` and `asked` are None where that could not be decided."""

    shown: Shown | None
    pairs: Mapping[tuple[str, str], ContentFlaw]
    asked: frozenset[str] | None
    idle: tuple[ContentFlaw, ...]
    undecided: tuple[ContentFlaw, ...]


_decided: Part[str, Decided] = PROCESS.part(lambda decided: EVENT_BYTES + PAIR_BYTES * len(decided.pairs))


class Proving:
    """The flaws of one content, collected life event by life event.

    What could not be decided for a life event is never claimed: `shown` and `asked` lack it then.
    """

    def __init__(self, content: Content, *, steps: int, limit: int) -> None:
        self.content = content
        self.steps = steps
        self.limit = limit
        self.events = tuple(sorted(event.key for event in content.life_events))
        self.counting = {event: relevant(content, [event]) for event in self.events}
        self.rows = {row.key: row for row in content.conditions}
        self.own_documents = {procedure.key: frozenset(procedure.needs or ()) for procedure in content.procedures}
        self.shown: dict[str, Shown] = {}
        self.asked: dict[str, frozenset[str]] = {}
        self.idle: list[ContentFlaw] = []
        self.pairs: dict[tuple[str, str], ContentFlaw] = {}
        self.undecided: list[ContentFlaw] = []
        for event in self.events:
            self._take(event, self._decided_for(event))

    def _take(self, event: str, decided: Decided) -> None:
        if decided.shown is not None:
            self.shown[event] = decided.shown
        if decided.asked is not None:
            self.asked[event] = decided.asked
        self.pairs |= decided.pairs
        self.idle += decided.idle
        self.undecided += decided.undecided

    def _decided_for(self, event: str) -> Decided:
        """What was decided, worked out again only where something has changed that it rests on."""
        rules_hash = self._rules_hash(event)
        decided = _decided.get(rules_hash)
        if decided is None:
            decided = self._work_out(event)
            _decided.put(rules_hash, decided)
        return decided

    def _rules_hash(self, event: str) -> str:
        """The hash of all that decides what the households of one life event are asked and shown."""
        rows = [row for row in self.content.conditions if event in row.life_events]
        selected = {key for row in rows for key in row.selects}
        parts = [event, str(self.steps), str(self.limit)]
        parts += sorted(item.model_dump_json() for item in (*rows, *self.content.questions))
        parts += sorted(f"{key} {sorted(self.own_documents[key])}" for key in selected)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _work_out(self, event: str) -> Decided:
        undecided: list[ContentFlaw] = []
        shown, pairs, asked, idle = None, dict[tuple[str, str], ContentFlaw](), None, tuple[ContentFlaw, ...]()
        try:
            compiled = bdd.compiled(self.content, [event], steps=self.steps)
            shown, pairs = self._shown(compiled), dict(self._redundant_pairs(event, compiled))
        except NotDecided as error:
            shown = None
            undecided.append(_undecided(event, "rules", error))
        try:
            walk = Walk(self.content, [event], limit=self.limit)
            asked = frozenset(key for key, households in walk.asked().items() if households)
            idle = tuple(
                ContentFlaw(
                    "question_idle",
                    (idle_question.question,),
                    event,
                    {"households": idle_question.households},
                    idle_question.answers,
                )
                for idle_question in walk.idle(steps=self.steps)
            )
        except NotDecided as error:
            undecided.append(_undecided(event, "interviews", error))
        return Decided(shown, pairs, asked, idle, tuple(undecided))

    def _shown(self, compiled: Compiled) -> Shown:
        reading = compiled.reading
        conditions = {key: compiled.condition(key) for key in reading.conditions}
        applies = {key: compiled.applies(key) for key in reading.procedures}
        needed = {
            (procedure, document): compiled.needed(procedure, document)
            for procedure in applies
            for document in reading.documents(procedure)
        }
        return Shown(
            idle=frozenset(
                question.key for question in compiled.questions if not self._has_effect(question.key, compiled)
            ),
            holds=frozenset(key for key, node in conditions.items() if not compiled.never(node)),
            always=frozenset(key for key, node in conditions.items() if compiled.always(node)),
            applies=frozenset(key for key, node in applies.items() if not compiled.never(node)),
            applies_always=frozenset(key for key, node in applies.items() if compiled.always(node)),
            needed=frozenset(document for (_, document), node in needed.items() if not compiled.never(node)),
        )

    def _has_effect(self, question: str, compiled: Compiled) -> bool:
        """Whether the answer to the question, with those to the questions below it, ever changes a result."""
        own_and_below = {question}
        for follower in compiled.questions:
            if not own_and_below.isdisjoint(question_of(option) for option in follower.asked_after):
                own_and_below.add(follower.key)
        rows = [self.rows[key] for key in compiled.reading.conditions]
        looking = [row for row in rows if not own_and_below.isdisjoint(map(question_of, options_of(row)))]
        for procedure in sorted({key for row in looking for key in row.selects}):
            if compiled.swings(compiled.applies(procedure), question) != NONE:
                return True
        return any(
            compiled.swings(compiled.needed(procedure, document), question) != NONE
            for procedure, document in sorted({effect for row in looking for effect in self._documents(row)})
        )

    def _documents(self, row: Condition) -> set[tuple[str, str]]:
        """The documents that a condition adds to procedures which do not need them anyway."""
        return {
            (procedure, document)
            for procedure in row.selects
            for document in row.needs
            if document not in self.own_documents[procedure]
        }

    def _redundant_pairs(self, event: str, compiled: Compiled) -> Iterator[tuple[tuple[str, str], ContentFlaw]]:
        """Conditions that can go because another one does as much wherever they hold; in all their life events."""
        selecting: dict[str, list[Condition]] = {}
        for key in compiled.reading.conditions:
            for procedure in set(self.rows[key].selects):
                selecting.setdefault(procedure, []).append(self.rows[key])
        for key in compiled.reading.conditions:
            condition = self.rows[key]
            node = compiled.condition(key)
            if not condition.selects or compiled.never(node):
                continue
            for other in selecting[min(condition.selects)]:
                if (
                    other is condition
                    or not self._covers(other, condition)
                    or not compiled.implies(node, compiled.condition(other.key))
                ):
                    continue
                alike = self._covers(other, condition, exactly=True) and compiled.same(
                    node, compiled.condition(other.key)
                )
                if alike and set(condition.life_events) == set(other.life_events) and condition.key > other.key:
                    continue
                code = "condition_repeats" if alike else "condition_swallowed"
                yield (
                    (condition.key, other.key),
                    ContentFlaw(code, (condition.key, other.key), witness=compiled.witness(node)),
                )

    def _covers(self, other: Condition, condition: Condition, *, exactly: bool = False) -> bool:
        """Whether the other condition leads to as much as the one, in all its life events (`exactly`: to the same)."""
        if not set(condition.life_events) <= set(other.life_events):
            return False
        if exactly:
            return set(condition.selects) == set(other.selects) and self._documents(condition) == self._documents(other)
        return set(condition.selects) <= set(other.selects) and self._documents(condition) <= self._documents(other)

    def _all_decided(self, events: Iterable[str], decided: Mapping[str, object]) -> bool:
        """Whether all of these life events were decided."""
        return all(event in decided for event in events)

    def questions(self) -> Iterator[ContentFlaw]:
        """Questions that nobody is asked, or for nothing."""
        quiet: set[tuple[str, str]] = set()
        for key in sorted({key for counting in self.counting.values() for key in counting}):
            events = [event for event in self.events if key in self.counting[event]]
            if self._all_decided(events, self.asked) and not any(key in self.asked[event] for event in events):
                yield ContentFlaw("question_never_asked", (key,), params={"events": tuple(events)})
                continue
            silent_events = [event for event in events if event in self.shown and key in self.shown[event].idle]
            silent_events = [event for event in silent_events if event not in self.asked or key in self.asked[event]]
            if silent_events:
                quiet |= {(key, event) for event in silent_events}
                yield ContentFlaw("question_without_effect", (key,), params={"events": tuple(silent_events)})
        yield from (flaw for flaw in self.idle if (flaw.keys[0], flaw.event) not in quiet)

    def conditions(self) -> Iterator[ContentFlaw]:
        """Conditions that never or always hold, or that another one makes needless."""
        for row in self.content.conditions:
            shown = [self.shown[event] for event in row.life_events if event in self.shown]
            if shown and row.key not in shown[0].holds:
                yield ContentFlaw("condition_never", (row.key,))
            elif shown and row.key in shown[0].always and options_of(row):
                yield ContentFlaw("condition_always", (row.key,))
        yield from self.pairs.values()

    def procedures(self) -> Iterator[ContentFlaw]:
        """Procedures that no household gets, or every household although it was asked for them."""
        for key in (procedure.key for procedure in self.content.procedures):
            selecting = [row for row in self.content.conditions if key in row.selects]
            events = sorted({event for row in selecting for event in row.life_events})
            if (
                events
                and self._all_decided(events, self.shown)
                and not any(key in self.shown[event].applies for event in events)
            ):
                yield ContentFlaw("procedure_unreachable", (key,))
            for event in (event for event in events if event in self.shown):
                always = self.shown[event].always
                alone = any(row.key in always for row in selecting if event in row.life_events)
                if key in self.shown[event].applies_always and not alone:
                    yield ContentFlaw("procedure_always", (key,), event)

    def documents(self) -> Iterator[ContentFlaw]:
        """Documents that something needs, and no household."""
        used = {need for procedure in self.content.procedures for need in procedure.needs or ()}
        used |= {need for row in self.content.conditions for need in row.needs}
        decided = self._all_decided(self.events, self.shown)
        for key in (document.key for document in self.content.documents):
            if key in used and decided and not any(key in shown.needed for shown in self.shown.values()):
                yield ContentFlaw("document_never_needed", (key,))


def _undecided(event: str, part_name: str, error: NotDecided) -> ContentFlaw:
    params: dict[str, Param] = {"what": part_name, "why": error.why, "limit": error.limit}
    return ContentFlaw("not_decided", (event,), event, params)


def flaws(content: Content, *, steps: int = bdd.STEPS, limit: int = WORK) -> tuple[ContentFlaw, ...]:
    """All that is wrong, by code, life event and keys; `steps` and `limit` bound the work for each life event."""
    proving = Proving(content, steps=steps, limit=limit)
    content_flaws = [*proving.questions(), *proving.conditions(), *proving.procedures()]
    content_flaws += [*proving.documents(), *proving.undecided]
    return tuple(sorted(content_flaws, key=lambda flaw: (flaw.code, flaw.event or "", flaw.keys)))
