"""What is checked of an edition's content: its structure by Cypher, what is proved of it, and how it reads
(ops/design/editions.md, "Check"). Scenarios are run by `editions.findings`, which brings all together.

A check of the structure is a file in `cypher/analysis/checks/` and its saying in SAYINGS. Every statement is given the
map `asked` (edition, today as ISO 8601, dead: addresses known to be dead) and returns rows with the `keys` of the
items, the one that is wrong first, and what its saying names.

What blocks publishing is what hides something from residents that the content means to show them: a scenario that
fails, a life event under which nothing can ever be listed, a procedure whose conditions nobody can meet. Nothing else
does: an edition may be worth publishing before every procedure has its window.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from service.analysis import confirmations, proofs, readability
from service.analysis.findings import Finding, Saying, listed, told
from service.analysis.proofs import ContentFlaw
from service.content import registry
from service.content.models import Content, Kind
from service.content.patches import Item
from service.diff_text.differences import names
from service.store.graph import Reads

Tell = Callable[[Sequence[Finding]], None]
"""Takes what one check found."""

AT_ONCE = 2
"""Statements: each is a matter of milliseconds, but a database that has just started plans them all."""

SAYINGS: Mapping[str, Saying] = MappingProxyType(
    {
        "life_event_leads_nowhere": Saying(
            "blocking",
            "{item}を選んでも、手続きが1つも出ません。",
            "手続きを選ぶ条件をこのライフイベントにつなぐか、ライフイベントを削除してください。",
        ),
        "question_unused": Saying(
            "warning",
            "{item}は、どの条件にも使われていないので、だれにも聞かれません。",
            "選択肢を条件に使うか、質問を削除してください。",
        ),
        "option_unused": Saying(
            "hint",
            "{item}は、どの条件にも使われていないので、選んでも案内が変わりません。",
            "条件に使うか、選択肢を削除してください。",
        ),
        "options_alike": Saying(
            "hint",
            "{item}の{others}は、どの条件にも使われていないので、どれを選んでも案内が同じです。",
            "1つの選択肢にまとめるか、どれかを条件に使ってください。",
        ),
        "label_repeated": Saying(
            "warning",
            "{item}に、同じ言葉の選択肢「{label}」が複数あります。",
            "違いがわかる言葉に直すか、1つにまとめてください。",
        ),
        "condition_without_effect": Saying(
            "warning",
            "{item}は、手続きを1つも選んでいないので、あってもなくても案内が同じです。",
            "手続きを選ばせるか、条件を削除してください。",
        ),
        "document_needed_twice": Saying(
            "hint",
            "{item}で求める{others}は、選ばれる手続きのすべてで、もともとだれにも必要です。",
            "条件の必要書類から外すか、手続きの必要書類から外して条件だけに残してください。",
        ),
        "procedure_unselected": Saying(
            "warning",
            "{item}は、どの条件にも選ばれていないので、だれの結果にも出ません。",
            "条件に選ばせるか、手続きを削除してください。",
        ),
        "procedure_without_window": Saying(
            "warning",
            "分野「{field}」の手続き{count}件に、窓口がありません（{all}）。",
            "窓口を加え、そこで扱う手続きに結んでください。1つの窓口に、いくつでも結べます。",
        ),
        "procedure_without_source": Saying(
            "warning",
            "{item}に、出典がありません。",
            "何で確かめたかを出典（sources）に書いてください。",
        ),
        "source_without_link": Saying(
            "hint",
            "{item}の出典に、アドレスがありません。",
            "読み直せるページがあれば、出典のアドレスに書いてください。",
        ),
        "link_without_tls": Saying(
            "warning",
            "暗号化されないアドレス {link} を使っています（{all}）。",
            "https:// で始まるアドレスに直してください。",
        ),
        "link_dead": Saying(
            "warning",
            "アドレス {link} が開けません（{all}）。",
            "新しいアドレスに直すか、消してください。",
        ),
        "review_overdue": Saying(
            "warning",
            "{item}の見直しの期日 {day} を過ぎています。",
            "内容を確かめて、確認した日と次の見直しの期日を書いてください。",
        ),
        "period_over": Saying(
            "warning",
            "{item}の受付期間は {day} で終わっています。住民には、もう期限として見せていません。",
            "次の期間を確かめて書き直すか、期間を消してください。",
        ),
        "source_without_day": Saying(
            "hint",
            "{item}の出典に、確認した日がありません。",
            "読み直して、確認した日を書いてください。",
        ),
        "deadline_elsewhere": Saying(
            "warning",
            "{item}の期限は{others}の日から数えますが、そのライフイベントからは、この手続きが出ません。",
            "期限の起点にするライフイベントを直すか、条件をそのライフイベントにもつないでください。",
        ),
        "date_unused": Saying(
            "hint",
            "{item}で日付を聞きますが、その日から数える期限が1つもありません。",
            "日付の呼び名を消すか、手続きの期限の起点にこのライフイベントを選んでください。",
        ),
        "window_without_phone": Saying(
            "hint",
            "{item}に、電話番号がありません。",
            "電話番号を書いてください。「窓口で確かめること」を読んだ住民が尋ねる先です。",
        ),
        "window_unused": Saying(
            "hint",
            "{item}は、どの手続きにも使われていません。",
            "手続きの窓口に選ぶか、削除してください。",
        ),
        "document_unneeded": Saying(
            "hint",
            "{item}は、どの手続きにも条件にも必要とされていません。",
            "手続きか条件の必要書類に選ぶか、削除してください。",
        ),
        "term_unmentioned": Saying(
            "hint",
            "{item}は、質問・手続き・必要書類のどの文章にも出てきません。",
            "使っている言葉に合わせるか、削除してください。",
        ),
        "law_unused": Saying(
            "hint",
            "{item}は、どの手続きの根拠にもなっていません。",
            "手続きの根拠法令に選ぶか、削除してください。",
        ),
        "law_ended": Saying(
            "warning",
            "{item}は {day} までで効力がなくなっていますが、{others}の根拠になっています。",
            "いまの法令を確かめ、手続きの内容と根拠法令を直してください。",
        ),
        "law_to_come": Saying(
            "hint",
            "{item}の施行は {day} からですが、{others}の根拠になっています。",
            "施行の日に合わせて公開するか、いまの法令に直してください。",
        ),
        "life_event_without_scenario": Saying(
            "warning",
            "{item}から始まる試験ケースがありません。",
            "よくある世帯の案内を、試験ケースとして保存してください。",
        ),
        "procedure_without_scenario": Saying(
            "hint",
            "{item}が出ることを確かめる試験ケースがありません。",
            "この手続きが出る世帯を、試験ケースとして保存してください。",
        ),
        "scenario_says_nothing": Saying(
            "warning",
            "{item}は、出る手続きも出ない手続きも決めていないので、何も確かめません。",
            "出るはずの手続きか、出ないはずの手続きを選んでください。",
        ),
        "name_repeated": Saying(
            "warning",
            "{item}と同じ名前の項目が、ほかに{more}件あります。",
            "違いがわかる名前に直すか、1つにまとめてください。",
        ),
        "reading_missing": Saying(
            "hint",
            "{item}に、よみがながありません。",
            "よみがなを書いてください。検索と五十音順に使います。",
        ),
    }
)
"""The severity, sentence and advice for what each statement in `cypher/analysis/checks/` finds."""

PROVED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "question_never_asked": (
            "{item}は、だれにも聞かれません（{events}）。先に聞く質問の答えで、結果が決まるためです。",
            "質問の順序か条件を直すか、質問を削除してください。",
        ),
        "question_without_effect": (
            "{item}に何と答えても、結果が変わりません（{events}）。",
            "答えで結果が変わるように条件を直すか、質問を削除してください。",
        ),
        "question_idle": (
            "{event}で、{item}が、答えても結果が変わらないときに聞かれます（答えの組み合わせ{households}通り）。",
            "質問の順序か条件を直してください。聞かれるまでの答えの例を開いて確かめられます。",
        ),
        "condition_never": (
            "{item}に当てはまる人は、いません。",
            "求める選択肢と除く選択肢を見直すか、条件を削除してください。",
        ),
        "condition_always": (
            "{item}は、何と答えても当てはまります。",
            "だれにでも当てはまるのが正しければ選択肢を外し、そうでなければ選択肢を見直してください。",
        ),
        "condition_repeats": (
            "{item}と{others}は、いつも同時に当てはまり、同じ手続きと書類につながります。",
            "どちらか1つを削除してください。",
        ),
        "condition_swallowed": (
            "{item}が当てはまるときは必ず{others}も当てはまり、同じ手続きと書類につながります。",
            "理由を分けて見せるためでなければ、{item}を削除してください。",
        ),
        "procedure_unreachable": (
            "{item}は、だれの結果にも出ません。選ぶ条件のどれにも、当てはまる人がいないためです。",
            "この手続きを選ぶ条件を直してください。要らなければ、手続きを条件から外してください。",
        ),
        "procedure_always": (
            "{event}では、何と答えても{item}が出ます。条件は、合わせるとだれにでも当てはまります。",
            "だれにでも要る手続きなら、選択肢のない条件を1つにしてください。そうでなければ条件を見直してください。",
        ),
        "document_never_needed": (
            "{item}が必要になる人は、いません。",
            "この書類を求める条件を直すか、書類を削除してください。",
        ),
        "not_decided": (
            "{item}の{what}は、組み合わせが多すぎて確かめられませんでした。",
            "試験ケースを増やして確かめるか、質問と条件を減らしてください。",
        ),
    }
)
"""The sentence and the advice for what `proofs` finds; the severity is that of the proof."""

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "question_unused": "options",
        "option_unused": "options",
        "options_alike": "options",
        "label_repeated": "options",
        "condition_without_effect": "selects",
        "document_needed_twice": "needs",
        "procedure_without_window": "handled_at",
        "procedure_without_source": "sources",
        "source_without_link": "sources",
        "source_without_day": "sources",
        "review_overdue": "review_by",
        "period_over": "deadline",
        "deadline_elsewhere": "deadline",
        "date_unused": "date_label",
        "window_without_phone": "phone",
        "term_unmentioned": "term",
        "law_ended": "in_force_until",
        "law_to_come": "in_force_from",
        "scenario_says_nothing": "expects",
        "reading_missing": "reading",
        "condition_never": "requires",
        "condition_always": "requires",
    }
)
"""The field of the item at which a finding is mended, where it is one field; forms show it there."""

_UNDECIDED_WORDS = {"rules": "条件", "interviews": "質問の順序"}


def called(items: Mapping[str, Item]) -> dict[str, str]:
    """What each item and option of a content is called, with its kind (手続き『転入届』)."""
    kinds = {key: item.kind for key, item in items.items()}
    return {key: f"{registry.name_of(kinds.get(key, Kind.OPTION))}『{name}』" for key, name in names(items).items()}


async def structure(
    reads: Reads, edition: int, *, today: date, dead: Collection[str], called: Mapping[str, str], tell: Tell
) -> None:
    """Tells what each statement finds as it is found, some of them at once; `today` decides what is overdue."""
    parameters = {"edition": edition, "today": today.isoformat(), "dead": sorted(set(dead))}
    turns = asyncio.Semaphore(AT_ONCE)

    async def run(code: str) -> None:
        async with turns:
            rows = await reads.many("analysis/checks", code, asked=parameters)
        tell([told(code, SAYINGS[code], row=row, called=called) for row in rows])

    await asyncio.gather(*map(run, SAYINGS))


def of_content(content: Content, called: Mapping[str, str]) -> list[Finding]:
    """What follows from the content alone: proofs over all households, how the texts read, what nobody confirmed.

    Seconds of work.
    """
    flaws = (proved(flaw, called) for flaw in proofs.flaws(content))
    return [*flaws, *readability.findings(content, called), *confirmations.findings(content, called)]


def proved(flaw: ContentFlaw, called: Mapping[str, str]) -> Finding:
    """What was proved, in words; `called` is what each item is called with its kind."""
    sentence, advice = PROVED[flaw.code]
    events = flaw.params.get("events")
    words = {
        **flaw.params,
        "events": listed([called[key] for key in events]) if isinstance(events, tuple) else "",
        "event": called[flaw.event] if flaw.event else "",
        "what": _UNDECIDED_WORDS.get(str(flaw.params.get("what")), ""),
    }
    finding = told(flaw.code, Saying(flaw.severity, sentence, advice), row={"keys": flaw.keys, **words}, called=called)
    return replace(finding, witness=flaw.witness, event=flaw.event)
