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
        sentences = [
            " ".join((item.sentence, *item.reasons[:REASONS_IN_SENTENCE], *_reasons_left_out(item.reasons)))
            for item in self.deviations
        ]
        return f"試験ケース『{self.name}』：" + " ".join(sentences)


def _reasons_left_out(reasons: tuple[str, ...]) -> tuple[str, ...]:
    count_left = len(reasons) - REASONS_IN_SENTENCE
    return (f"（ほかに条件が{count_left}つあります。）",) if count_left > 0 else ()


def answers_of(scenario: Scenario) -> tuple[Answer, ...]:
    """What the household of a scenario says, by question key."""
    return tuple(
        Answer(question, unsure=True) if isinstance(options, str) else Answer(question, tuple(options))
        for question, options in sorted(scenario.answers.items())
    )


def differing(scenario: Scenario, guidance: Guidance) -> dict[str, How]:
    """The procedures that are not as the scenario says, by key."""
    status = {listed.procedure: listed.status for listed in guidance.listed}
    differences: dict[str, How] = {}
    for key in scenario.expects:
        if status.get(key) != "applies":
            differences[key] = "may_apply" if key in status else "not_listed"
    differences |= {key: "listed" for key in scenario.rules_out if key in status}
    return dict(sorted(differences.items()))


def deviation(explanation: Explanation, *, how: How, names: Mapping[str, str]) -> Deviation:
    """What differs and why, in words; `names` as `differences.names` makes them."""
    deciding_states = {"not_listed": {"false"}, "may_apply": {"open"}, "listed": {"true", "open"}}[how]
    deciding = [
        _with_deciding_clauses(condition) for condition in explanation.conditions if condition.state in deciding_states
    ]
    deciding.sort(key=lambda condition: (len(condition.clauses), condition.condition))
    return Deviation(
        procedure=explanation.procedure,
        how=how,
        conditions=tuple(deciding),
        sentence=_SENTENCES[how].format(names.get(explanation.procedure, explanation.procedure)),
        reasons=tuple(_reason(condition, names) for condition in deciding) or (_NO_CONDITION,),
    )


_SENTENCES: Mapping[How, str] = {
    "not_listed": "手続き『{}』が出るはずですが、出ません。",
    "may_apply": "手続き『{}』が必ず出るはずですが、「条件によって必要」としか出ません。",
    "listed": "手続き『{}』は出ないはずですが、出ます。",
}
_NO_CONDITION = "選んだライフイベントには、この手続きを選ぶ条件がありません。"


def _with_deciding_clauses(condition: ExplainedCondition) -> ExplainedCondition:
    """The condition with the clauses that made it what it is, those that somebody answered first."""
    deciding = [clause for clause in condition.clauses if clause.state == condition.state]
    clauses = tuple(sorted(deciding, key=lambda clause: not clause.answers))
    return ExplainedCondition(condition.condition, condition.label, condition.state, clauses)


def _reason(condition: ExplainedCondition, names: Mapping[str, str]) -> str:
    subject = f"条件『{condition.label}』"
    if not condition.clauses:
        return f"{subject}は、だれにでも当てはまります。"
    why = "、".join(_clause_reason(clause, names) for clause in condition.clauses)
    closing = {"true": "当てはまります", "open": "まだ決まりません", "false": "当てはまりません"}[condition.state]
    return f"{subject}は、{why}{closing}。"


def _clause_reason(clause: Clause, names: Mapping[str, str]) -> str:
    """What decided a clause: the answers that were given, or why there is none."""
    options = _any_of(clause.options, names)
    if clause.state == "open":
        return f"{options}かどうかが{'「わからない」という答えな' if clause.answers else 'まだ答えられていない'}ので"
    answer_names = [name for answer in clause.answers for name in _answer_names(answer, names)]
    if not answer_names:
        return f"{options}の質問がほかの答えで聞かれなくなるので"
    answers_in_words = "、".join(answer_names)
    if clause.state == "true":
        return f"{answers_in_words}と答えたので"
    if clause.negated:
        return f"{answers_in_words}と答えた人を除くので"
    return f"{options}を選ぶことが要るのに{answers_in_words}と答えたので"


def _answer_names(answer: Answer, names: Mapping[str, str]) -> Iterable[str]:
    if answer.unsure:
        return (f"『{names.get(answer.question, answer.question)}／わからない』",)
    if not answer.options:
        return (f"『{names.get(answer.question, answer.question)}／どれも選ばない』",)
    return tuple(f"『{names.get(option, option)}』" for option in answer.options)


def _any_of(options: tuple[str, ...], names: Mapping[str, str]) -> str:
    names_in_words = "か".join(f"『{names.get(option, option)}』" for option in options[:_OPTIONS_IN_SENTENCE])
    left_out = len(options) - _OPTIONS_IN_SENTENCE
    return names_in_words + (f"などの{len(options)}つのどれか" if left_out > 0 else "")
