"""What the staff's commands print: JSON for programs, sentences and tables for people."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from service.analysis import impact
from service.analysis.comparison import Comparison
from service.analysis.impact import Effect
from service.content.models import Answer
from service.diff_text import differences
from service.diff_text.differences import FieldDifference
from service.editions import audit
from service.editions import conflicts as conflict_sides
from service.editions.merging import Conflict
from service.editions.responses import (
    EditionResponse,
    EntryResponse,
    FindingResponse,
    InterviewsResponse,
    JourneysResponse,
    LawPreviewResponse,
    LinkResponse,
    MergePreviewResponse,
    MovesResponse,
    NewLinkResponse,
    ReadinessResponse,
    SaveResponse,
    ScenarioResponse,
    VerificationResponse,
    WindowToConfirmResponse,
)
from service.editions.reviews import Review
from service.editions.trials import Trial
from service.errors import GuideError
from service.guidance.answers import Query, write_address

STATES = {"draft": "下書き", "published": "公開済み", "withdrawn": "予約取消", "discarded": "破棄"}
SEVERITIES = {"blocking": "公開を止める", "warning": "注意", "hint": "助言"}
WIDE = 500
"""Columns where nobody's window limits them: a line that goes on to another program is never broken."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A result whose words for people need more than the body of the API has."""

    result: object
    text: str


def is_bad(result: object) -> bool:
    """Whether what was asked about is not in order: blocking findings, red scenarios, a broken chain."""
    if isinstance(result, list):
        return any(map(is_bad, result))
    if isinstance(result, FindingResponse):
        return result.severity == "blocking"
    if isinstance(result, ScenarioResponse):
        return not result.green
    if isinstance(result, ReadinessResponse):
        return not result.ready
    return isinstance(result, VerificationResponse) and not result.whole


def error_body(error: GuideError) -> dict[str, Any]:
    """An error as the API tells it."""
    return {
        "code": error.code,
        "message": error.message,
        "where": error.where,
        "details": error.details() or None,
    }


def as_json(result: object) -> str:
    """The body that the API would answer."""
    return json.dumps(_as_plain_data(result), ensure_ascii=False)


def _as_plain_data(result: object) -> Any:
    if isinstance(result, Spoken):
        return _as_plain_data(result.result)
    if isinstance(result, BaseModel):
        return result.model_dump(mode="json")
    if isinstance(result, list):
        return [_as_plain_data(member) for member in result]
    return result


def as_text(result: object) -> str:
    """The result for people: a table for rows of one kind, else sentences."""
    if isinstance(result, Spoken):
        return result.text
    if isinstance(result, list):
        return _list(result)
    if isinstance(result, dict):
        return str(result.get("text") or as_json(result))
    for kind, words in _TEXT_OF.items():
        if isinstance(result, kind):
            return words(result)
    return str(result)


def _list(results: Sequence[object]) -> str:
    if not results:
        return "ありません。"
    if all(isinstance(result, EditionResponse) for result in results):
        rows = [_edition_cells(edition) for edition in results if isinstance(edition, EditionResponse)]
        return _table(("版", "状態", "公開", "名前", "ハッシュ"), rows)
    if all(isinstance(result, EntryResponse) for result in results):
        rows = [_entry_cells(entry) for entry in results if isinstance(entry, EntryResponse)]
        return _table(("記録", "日時", "版", "したこと", "理由"), rows)
    return "\n".join(map(as_text, results))


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    table = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row)
    text_buffer = io.StringIO()
    is_terminal = sys.stdout.isatty()
    console = Console(
        file=text_buffer, width=None if is_terminal else WIDE, force_terminal=is_terminal, emoji=False, markup=False
    )
    console.print(table)
    return "\n".join(line.rstrip() for line in text_buffer.getvalue().splitlines())


def _edition_cells(edition: EditionResponse) -> tuple[str, ...]:
    state = "公開中" if edition.live else "公開待ち" if edition.waiting else STATES.get(edition.state, edition.state)
    return (
        f"第{edition.number}版",
        state + ("（保管庫）" if edition.archived else ""),
        f"{edition.published_at:%Y-%m-%d %H:%M}" if edition.published_at else "",
        edition.title,
        (edition.hash or "")[:12],
    )


def _edition(edition: EditionResponse) -> str:
    edition_name, state, when, title, short_hash = _edition_cells(edition)
    return " ".join(cell for cell in (edition_name, state, when, f"「{title}」", short_hash) if cell)


def _entry_cells(entry: EntryResponse) -> tuple[str, ...]:
    return (str(entry.seq), f"{entry.at:%Y-%m-%d %H:%M}", f"第{entry.edition}版", entry.sentence, entry.note or "")


def _entry(entry: EntryResponse) -> str:
    return " ".join(cell for cell in _entry_cells(entry) if cell)


def _finding(finding: FindingResponse) -> str:
    return f"［{SEVERITIES[finding.severity]}］{finding.sentence} {finding.advice}"


def _scenario(scenario: ScenarioResponse) -> str:
    if scenario.green:
        return f"○ {scenario.name}"
    return "\n".join([f"× {scenario.name}", *(f"    {text}" for text in scenario.problems)])


def _save(save: SaveResponse) -> str:
    if save.seq is None:
        return f"第{save.edition.number}版：変更はありません。"
    touched = "、".join([*save.changed, *(f"{key}（削除）" for key in save.removed)])
    return f"第{save.edition.number}版：{touched}（記録 {save.seq} 番）"


def _verification(verification: VerificationResponse) -> str:
    if verification.whole:
        return "変更の履歴はつながっていて、どの版も履歴のとおりです。"
    return "\n".join([*(flaw.text for flaw in verification.flaws), audit.ADVICE])


def _readiness(readiness: ReadinessResponse) -> str:
    edition_number = readiness.draft.number
    lines = [
        f"第{edition_number}版は、公開できます。"
        if readiness.ready
        else f"第{edition_number}版は、まだ公開できません。"
    ]
    if readiness.behind and readiness.before:
        lines.append(f"× 先に、第{readiness.before.number}版の変更を合流させてください（merge-preview で見られます）。")
    if readiness.unchanged:
        lines.append("× 公開中の版と、同じ内容です。公開する変更がありません。")
    if readiness.barred:
        lines.append("× 最後に変えたのが、あなたです。ほかの人が公開してください。")
    lines += [f"× {_finding(finding)}" for finding in readiness.blocking]
    lines += [f"第{edition.number}版（公開待ち）にも、この変更を合わせます。" for edition in readiness.waiting]
    return "\n".join([*lines, f"公開するときの --seen：{readiness.seen}"])


def _merge_preview(preview: MergePreviewResponse) -> str:
    if preview.target is None:
        return f"第{preview.draft.number}版に合流させる変更は、ありません。"
    lines = [f"第{preview.target.number}版を、第{preview.draft.number}版に合流させると："]
    lines += _changes_and_conflicts(preview, decided_by="merge")
    return "\n".join([*lines, f"合流させるときの --revision：{preview.revision}"])


def _law_preview(preview: LawPreviewResponse) -> str:
    if not preview.is_new:
        return f"第{preview.edition.number}版は、プログラムに入っている全国の内容をもとにしています。"
    title = f"プログラムに入っている全国の内容を取り入れると、第{preview.edition.number}版は："
    return "\n".join([title, *_changes_and_conflicts(preview, decided_by="import --update")])


def _changes_and_conflicts(preview: MergePreviewResponse | LawPreviewResponse, *, decided_by: str) -> Iterator[str]:
    """What another content would change, and the items that both changed."""
    yield from [f"  {difference.sentence}" for difference in preview.content] or ["  変わるところはありません。"]
    if preview.conflicts:
        yield f"両方で変えた項目（{decided_by} の --decide で、どちらを使うか決めます）："
        yield from (f"  {conflict.key}" for conflict in preview.conflicts)


def conflicts(found: Sequence[Conflict]) -> str:
    """Items on which an amended law and the city differ, field by field, and how that is decided."""
    names = differences.names({one.key: item for one in found for item in (one.base, one.mine, one.theirs) if item})
    lines = ["両方で変えた項目（--decide KEY=mine で自治体の内容のまま、KEY=theirs で新しい全国の内容にします）："]
    for one in conflict_sides.sides(found, names=names):
        lines.append(f"  {one.kind}『{one.name}』（{one.key}）")
        if not one.in_theirs:
            lines.append("    新しい全国の内容では、なくなりました。")
        if not one.in_mine:
            lines.append("    自治体の層では、落としてあります。")
        for field in one.fields:
            both = (("自治体", field.mine), ("全国", field.theirs))
            lines += [f"    {field.label}（{side}）：{_side(value)}" for side, value in both if value]
    return "\n".join(lines)


def _side(field: FieldDifference) -> str:
    """What a side made of a field."""
    if field.added or field.removed:
        return "、".join([*(f"＋{one}" for one in field.added), *(f"−{one}" for one in field.removed)])
    return field.after or "なし"


def _journeys(journeys: JourneysResponse | None) -> str:
    if journeys is None:
        return "大きすぎて、数えきれませんでした。"
    return (
        f"いちばん少ない {journeys.fewest} 問、平均 {journeys.mean:.2f} 問、いちばん多い {journeys.most} 問"
        f"（{journeys.households:,} 通りの答え方）"
    )


def _interviews(interviews: InterviewsResponse) -> str:
    lines = [f"{interviews.life_event}：{_journeys(interviews.figures)}"]
    lines += [f"  むだに聞かれる：{idle.question}（{idle.households:,} 通り）" for idle in interviews.idle or ()]
    return "\n".join(lines)


def _moves(response: MovesResponse) -> str:
    if response.moves is None:
        return _journeys(None)
    if not response.moves:
        return f"{response.question} を動かしても、変わる位置はありません。"
    return "\n".join(
        [f"いま：{_journeys(response.moves[0].before)}"]
        + [f"位置 {move.position}：{_journeys(move.after)}" for move in response.moves]
    )


def review(comparison: Review, names: Mapping[str, str]) -> str:
    """Two editions compared, in the words of the page that compares them; `names` as `differences.names`."""
    lines = [f"第{comparison.old.number}版 → 第{comparison.new.number}版", "内容の違い："]
    lines += [f"  {difference.sentence}" for difference in comparison.content] or ["  ありません。"]
    lines += _residents(comparison.residents, names)
    return "\n".join([*lines, f"公開するときの --seen：{comparison.new.content_hash}"])


def trial(tried: Trial) -> str:
    """What a save would mean, in the words of the page that compares editions."""
    if tried.live is None:
        return "まだ何も公開されていないため、比べられません。"
    return "\n".join([f"公開中の第{tried.live.number}版と比べると：", *_residents(tried.comparison, tried.names)])


def _residents(compared: Comparison, names: Mapping[str, str]) -> list[str]:
    changed = [effect for effect in impact.effects(compared, names, _address) if not effect.is_same]
    if not changed:
        return ["住民への影響：どのライフイベントでも、案内に出る手続きと持ち物は変わりません。"]
    return [
        "住民への影響（数は、すべての答え方を数えたもので、人の割合ではありません）：",
        *(line for effect in changed for line in _effect(effect)),
    ]


def _address(event: str, answers: tuple[Answer, ...]) -> str:
    return write_address(Query((event,), answers))


def _effect(effect: Effect) -> list[str]:
    if effect.presence == "new":
        return [f"  {effect.name}：新しいライフイベントです。"]
    if effect.presence == "removed":
        return [f"  {effect.name}：このライフイベントは、なくなります。"]
    if not effect.is_decided:
        return [f"  {effect.name}：変わるかどうかを、計算しきれませんでした。プレビューで確かめてください。"]
    lines = [f"  {effect.name}：{effect.patterns:,} 通りの答え方のうち、{effect.changed:,} 通りで変わります。"]
    lines += [f"    {line.sentence}（{line.count:,} 通り。例：/result?{line.new}）" for line in effect.lines]
    if effect.more:
        lines.append(f"    ほか {effect.more} 件の違いがあります（--json ですべて）。")
    if effect.apart:
        lines.append(
            f"    新しい選択肢を選ぶ {effect.apart:,} 通りは、前の版に同じ答え方がないため、数に入れていません。"
        )
    return lines


def _link(link: LinkResponse) -> str:
    state = "取り消し済み" if link.revoked_at else f"{link.expires_at:%Y-%m-%d %H:%M} まで"
    return f"{link.id} {state}{f' {link.note}' if link.note else ''}"


def _to_confirm(window: WindowToConfirmResponse) -> str:
    lines = [f"{window.name}（{window.window or '窓口なし'}、seen {window.seen}）"]
    lines += [f"  窓口そのもの：{fact.label} {fact.text}" for fact in window.facts]
    for procedure in window.procedures:
        lines.append(f"  {procedure.name}（{procedure.key}、seen {procedure.seen}）")
        for group in procedure.groups:
            facts = "、".join(f"{fact.label} {fact.text}" for fact in group.facts)
            lines.append(f"    {group.label}（{group.group}）：{facts}")
    lines += [f"  まだ書いていない：{one.name}（{one.key}）：{'、'.join(one.groups)}" for one in window.unsaid]
    return "\n".join(lines)


_TEXT_OF: Mapping[type, Callable[[Any], str]] = {
    EditionResponse: _edition,
    FindingResponse: _finding,
    ScenarioResponse: _scenario,
    SaveResponse: _save,
    EntryResponse: _entry,
    LinkResponse: _link,
    VerificationResponse: _verification,
    ReadinessResponse: _readiness,
    MergePreviewResponse: _merge_preview,
    LawPreviewResponse: _law_preview,
    InterviewsResponse: _interviews,
    MovesResponse: _moves,
    WindowToConfirmResponse: _to_confirm,
    NewLinkResponse: lambda link: f"{link.path}（もう一度見ることはできません）",
}
