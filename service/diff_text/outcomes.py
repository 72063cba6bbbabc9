"""What became of a scenario: what it expected and did not get, and why, in sentences that an editor reads at once.

「手続き『転入届』が必ず出るはずですが、出ません。」 「条件『…』は、質問『…』の答えが『…』なので当てはまりません。」
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from service.content.models import Answer, Clause, ExplainedCondition, Explanation, Guidance, Scenario

How = Literal["not_listed", "may_apply", "listed"]

REASONS_IN_SENTENCE = 2
_OPTIONS_IN_SENTENCE = 4


@dataclass(frozen=True, slots=True)
class Deviation:
    """One procedure that is not as the scenario says, and why.

    `how`: expected, but not listed or only perhaps; or ruled out, but listed. `conditions` are those that decide it,
    each with the clauses that do, the closest first; `reasons` says the same in words, one sentence for each.
    """

    procedure: str
    how: How
    conditions: tuple[ExplainedCondition, ...]
    sentence: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A scenario with the guidance that its household gets: green without deviations."""

    scenario: Scenario
    guidance: Guidance
    deviations: tuple[Deviation, ...]

    @property
    def key(self) -> str:
        """The key of the scenario."""
        return self.scenario.key

    @property
    def name(self) -> str:
        """The name of the scenario."""
        return self.scenario.name

    @property
    def green(self) -> bool:
        """Whether all is as expected."""
        return not self.deviations

    @property
    def sentence(self) -> str:
        """All of it in words: what differs, each time with the closest reasons."""
        if self.green:
            return f"試験ケース『{self.name}』は、期待どおりです。"
        told = [
            " ".join((one.sentence, *one.reasons[:REASONS_IN_SENTENCE], *_more(one.reasons))) for one in self.deviations
        ]
        return f"試験ケース『{self.name}』：" + " ".join(told)


def _more(reasons: tuple[str, ...]) -> tuple[str, ...]:
    left = len(reasons) - REASONS_IN_SENTENCE
    return (f"（ほかに条件が{left}つあります。）",) if left > 0 else ()


def answers_of(scenario: Scenario) -> tuple[Answer, ...]:
    """What the household of a scenario says, by question key."""
    return tuple(
        Answer(question, unsure=True) if isinstance(said, str) else Answer(question, tuple(said))
        for question, said in sorted(scenario.answers.items())
    )


def differing(scenario: Scenario, guidance: Guidance) -> dict[str, How]:
    """The procedures that are not as the scenario says, by key."""
    status = {one.procedure: one.status for one in guidance.listed}
    found: dict[str, How] = {}
    for key in scenario.expects:
        if status.get(key) != "applies":
            found[key] = "may_apply" if key in status else "not_listed"
    found |= {key: "listed" for key in scenario.rules_out if key in status}
    return dict(sorted(found.items()))


def deviation(explanation: Explanation, *, how: How, names: Mapping[str, str]) -> Deviation:
    """What differs and why, in words; `names` as `differences.names` makes them."""
    wanted = {"not_listed": {"false"}, "may_apply": {"open"}, "listed": {"true", "open"}}[how]
    deciding = [_decided(one) for one in explanation.conditions if one.state in wanted]
    deciding.sort(key=lambda one: (len(one.clauses), one.condition))
    return Deviation(
        procedure=explanation.procedure,
        how=how,
        conditions=tuple(deciding),
        sentence=_SENTENCES[how].format(names.get(explanation.procedure, explanation.procedure)),
        reasons=tuple(_reason(one, names) for one in deciding) or (_NO_CONDITION,),
    )


_SENTENCES: Mapping[How, str] = {
    "not_listed": "手続き『{}』が出るはずですが、出ません。",
    "may_apply": "手続き『{}』が必ず出るはずですが、「条件によって必要」としか出ません。",
    "listed": "手続き『{}』は出ないはずですが、出ます。",
}
_NO_CONDITION = "選んだライフイベントには、この手続きを選ぶ条件がありません。"


def _decided(condition: ExplainedCondition) -> ExplainedCondition:
    """The condition with the clauses that made it what it is, those that somebody answered first."""
    deciding = [clause for clause in condition.clauses if clause.state == condition.state]
    clauses = tuple(sorted(deciding, key=lambda clause: not clause.answers))
    return ExplainedCondition(condition.condition, condition.label, condition.state, clauses)


def _reason(condition: ExplainedCondition, names: Mapping[str, str]) -> str:
    subject = f"条件『{condition.label}』"
    if not condition.clauses:
        return f"{subject}は、だれにでも当てはまります。"
    why = "、".join(_why(clause, names) for clause in condition.clauses)
    closing = {"true": "当てはまります", "open": "まだ決まりません", "false": "当てはまりません"}[condition.state]
    return f"{subject}は、{why}{closing}。"


def _why(clause: Clause, names: Mapping[str, str]) -> str:
    """What decided a clause: the answers that were given, or why there is none."""
    options = _listed(clause.options, names)
    if clause.state == "open":
        return f"{options}かどうかが{'「わからない」という答えな' if clause.answers else 'まだ答えられていない'}ので"
    given = [name for answer in clause.answers for name in _said(answer, names)]
    if not given:
        return f"{options}の質問がほかの答えで聞かれなくなるので"
    said = "、".join(given)
    if clause.state == "true":
        return f"{said}と答えたので"
    if clause.negated:
        return f"{said}と答えた人を除くので"
    return f"{options}を選ぶことが要るのに{said}と答えたので"


def _said(answer: Answer, names: Mapping[str, str]) -> Iterable[str]:
    if answer.unsure:
        return (f"『{names.get(answer.question, answer.question)}／わからない』",)
    if not answer.options:
        return (f"『{names.get(answer.question, answer.question)}／どれも選ばない』",)
    return tuple(f"『{names.get(option, option)}』" for option in answer.options)


def _listed(options: tuple[str, ...], names: Mapping[str, str]) -> str:
    told = "か".join(f"『{names.get(option, option)}』" for option in options[:_OPTIONS_IN_SENTENCE])
    more = len(options) - _OPTIONS_IN_SENTENCE
    return told + (f"などの{len(options)}つのどれか" if more > 0 else "")
