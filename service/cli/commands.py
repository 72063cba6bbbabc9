"""The staff's commands: editions, drafts, checks, comparison, publishing, history; each with `--json`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from service import clock
from service.accounts.permissions import Actor, Permission
from service.editions import archive, history
from service.editions.messages import (
    ItemChange,
    Merging,
    NewDraft,
    Publication,
    Reason,
    Reverting,
    ToldEdition,
    ToldEntry,
    ToldFinding,
    ToldReview,
    ToldSave,
    ToldScenario,
)
from service.editions.service import Desk
from service.errors import GuideError, InvalidRequest
from service.settings import Settings
from service.store import schema
from service.store.graph import Graph

Work = Callable[[argparse.Namespace, Desk, Actor], Awaitable[Any]]
Add = Callable[[str, str], argparse.ArgumentParser]

_STATES = {"draft": "下書き", "published": "公開済み", "withdrawn": "予約取消", "discarded": "破棄"}
_SEVERITIES = {"blocking": "公開を止める", "warning": "注意", "hint": "助言"}


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name, what it is for, its arguments and what it does."""

    name: str
    text: str
    arguments: Callable[[argparse.ArgumentParser], None]
    work: Work


async def run(command: Command, given: argparse.Namespace, *, graph: Graph, own: Settings) -> int:
    """Does the command and prints what it says; returns the exit status. Errors: GuideError."""
    await schema.ensure(graph)
    desk = Desk(graph, second_person=own.second_person, archive_after=timedelta(days=own.archive_after_days))
    by = Actor(given.by, frozenset(Permission))
    try:
        told = await _done(command, given, desk, by=by)
    except GuideError as error:
        if not given.json:
            raise
        print(
            _json(
                {
                    "error": {
                        "code": error.code,
                        "message": error.message,
                        "where": error.where,
                        "details": error.details() or None,
                    }
                }
            )
        )
        return 1
    print(_json(told) if given.json else _text(told))
    return 1 if _is_bad(told) else 0


async def _done(command: Command, given: argparse.Namespace, desk: Desk, *, by: Actor) -> Any:
    try:
        return await command.work(given, desk, by)
    except ValidationError as error:
        where = "/".join(map(str, error.errors()[0]["loc"]))
        raise InvalidRequest("この値は使えません。", where=f"/{where}") from None


def _is_bad(told: object) -> bool:
    """Whether what was asked about is not in order: blocking findings, red scenarios, a broken chain."""
    if isinstance(told, list):
        return any(_is_bad(one) for one in told)
    if isinstance(told, ToldFinding):
        return told.severity == "blocking"
    if isinstance(told, ToldScenario):
        return not told.green
    return isinstance(told, dict) and told.get("whole") is False


def _json(told: object) -> str:
    return json.dumps(_plain(told), ensure_ascii=False, indent=None)


def _plain(told: object) -> Any:
    if isinstance(told, BaseModel):
        return told.model_dump(mode="json")
    if isinstance(told, list):
        return [_plain(one) for one in told]
    return told


def _text(told: object) -> str:
    if isinstance(told, list):
        return "\n".join(_text(one) for one in told) if told else "ありません。"
    if isinstance(told, dict):
        return str(told.get("text") or _json(told))
    for kind, words in _WORDS.items():
        if isinstance(told, kind):
            return words(told)
    return str(told)


def _edition(one: ToldEdition) -> str:
    state = "公開中" if one.live else "公開待ち" if one.waiting else _STATES.get(one.state, one.state)
    when = f" {one.published_at:%Y-%m-%d %H:%M}" if one.published_at else ""
    return (
        f"第{one.number}版 {state}{when}{'（保管庫）' if one.archived else ''} 「{one.title}」 {(one.hash or '')[:12]}"
    )


def _finding(one: ToldFinding) -> str:
    return f"［{_SEVERITIES[one.severity]}］{one.sentence} {one.advice}"


def _scenario(one: ToldScenario) -> str:
    return f"○ {one.name}" if one.green else "\n".join([f"× {one.name}", *(f"    {text}" for text in one.problems)])


def _save(one: ToldSave) -> str:
    if one.seq is None:
        return f"第{one.edition.number}版：変更はありません。"
    touched = "、".join([*one.changed, *(f"{key}（削除）" for key in one.removed)])
    return f"第{one.edition.number}版：{touched}（記録 {one.seq} 番）"


def _entry(one: ToldEntry) -> str:
    note = f"（{one.note}）" if one.note else ""
    return f"{one.seq} {one.at:%Y-%m-%d %H:%M} 第{one.edition}版 {one.sentence}{note}"


def _review(one: ToldReview) -> str:
    lines = [f"第{one.old.number}版 → 第{one.new.number}版", "内容の違い："]
    lines += [f"  {item.sentence}" for item in one.content] or ["  ありません。"]
    lines.append("住民への違い（回答の組み合わせの数であり、人の割合ではありません）：")
    for event in one.life_events:
        named = "、".join(event.life_events)
        if event.not_decided:
            lines.append(f"  {named}：判定できませんでした（{event.not_decided}）。")
            continue
        lines.append(f"  {named}：{event.patterns:,} 通りのうち {event.changed:,} 通りで変わります。")
        for group in event.outcomes if event.outcomes is not None else event.causes:
            lines.append(f"    {group.patterns:,} 通り：{'、'.join(map(_change, group.changes))}")
    return "\n".join([*lines, f"公開するときの --seen：{one.seen}"])


def _change(one: Any) -> str:
    effect = {"gained": "増える", "lost": "なくなる", "changed": "変わる"}[one.effect]
    return f"{one.procedure}{f' の {one.document}' if one.document else ''} が{effect}"


_WORDS: Mapping[type, Callable[[Any], str]] = {
    ToldEdition: _edition,
    ToldFinding: _finding,
    ToldScenario: _scenario,
    ToldSave: _save,
    ToldEntry: _entry,
    ToldReview: _review,
}


def _number(one: argparse.ArgumentParser) -> None:
    one.add_argument("edition", metavar="N|live", help="版の番号")


def _noted(one: argparse.ArgumentParser) -> None:
    _number(one)
    one.add_argument("--note", help="理由（履歴に残ります）")


def _fork(one: argparse.ArgumentParser) -> None:
    one.add_argument("--of", metavar="N|live", default="live", help="もとにする版（なければ公開中の版）")
    one.add_argument("--title", required=True, help="下書きの名前")


def _save_arguments(one: argparse.ArgumentParser) -> None:
    _number(one)
    one.add_argument("--put", type=Path, metavar="FILE", help="JSON：{一覧の名前: [項目, …]}。- は標準入力")
    one.add_argument("--remove", nargs="+", default=[], metavar="KEY", help="削除する項目")
    one.add_argument("--revision", nargs="+", default=[], type=_pair, metavar="KEY=R", help="もとにした改訂の番号")
    one.add_argument("--detach", action="store_true", help="削除するものを、使っている項目からも外します")
    one.add_argument("--note", help="理由（履歴に残ります）")


def _item_arguments(one: argparse.ArgumentParser) -> None:
    _number(one)
    one.add_argument("key", help="項目のキー")


def _revert_arguments(one: argparse.ArgumentParser) -> None:
    _number(one)
    one.add_argument("seq", type=int, help="記録の番号")
    one.add_argument(
        "--item", metavar="KEY", help="この項目を、その記録のときの内容に戻します（なければ変更を取り消します）"
    )
    one.add_argument("--detach", action="store_true", help="なくなったものへの参照を外します")
    one.add_argument("--note", help="理由（履歴に残ります）")


def _merge_arguments(one: argparse.ArgumentParser) -> None:
    _noted(one)
    one.add_argument("--onto", type=int, metavar="N", help="合流させる版（なければ公開中の版）")
    _decided(one)


def _decided(one: argparse.ArgumentParser) -> None:
    one.add_argument("--decide", nargs="+", default=[], type=_side, metavar="[N/]KEY=mine|theirs", help="競合の決定")


def _compare_arguments(one: argparse.ArgumentParser) -> None:
    one.add_argument("old", metavar="N|live", help="前の版")
    one.add_argument("new", metavar="N", help="新しい版")


def _publish_arguments(one: argparse.ArgumentParser) -> None:
    _noted(one)
    one.add_argument("--seen", metavar="HASH", help="compare が最後に示した値：比較を確かめたしるし")
    _decided(one)


def _schedule_arguments(one: argparse.ArgumentParser) -> None:
    _publish_arguments(one)
    one.add_argument("--at", required=True, type=_moment, metavar="YYYY-MM-DDTHH:MM", help="公開する時刻（日本時間）")


def _withdraw_arguments(one: argparse.ArgumentParser) -> None:
    _noted(one)
    _decided(one)


def _roll_back_arguments(one: argparse.ArgumentParser) -> None:
    _number(one)
    one.add_argument("--reason", required=True, help="前の版に戻す理由")
    _decided(one)


def _history_arguments(one: argparse.ArgumentParser) -> None:
    one.add_argument("verify", nargs="?", choices=["verify"], help="記録の鎖が切れていないか確かめます")
    one.add_argument("--edition", type=int, metavar="N")
    one.add_argument("--item", metavar="KEY")
    one.add_argument("--person", metavar="ID")
    one.add_argument("--action", metavar="ACTION")
    one.add_argument("--since", type=_moment, metavar="YYYY-MM-DD[THH:MM]")
    one.add_argument("--until", type=_moment, metavar="YYYY-MM-DD[THH:MM]")
    one.add_argument("--before", type=int, metavar="SEQ", help="この番号より前")
    one.add_argument("--most", type=int, default=50, metavar="COUNT", help="多くても何件か")


def _archive_arguments(one: argparse.ArgumentParser) -> None:
    one.add_argument("edition", nargs="?", metavar="N", help="版の番号")
    one.add_argument("--due", action="store_true", help="保管の時期が来た版をすべて")


def _pair(text: str) -> tuple[str, int]:
    key, _, revision = text.rpartition("=")
    if not key or not revision.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} は KEY=番号 の形ではありません")
    return key, int(revision)


def _side(text: str) -> tuple[str, str]:
    key, _, side = text.rpartition("=")
    if not key or side not in {"mine", "theirs"}:
        raise argparse.ArgumentTypeError(f"{text} は KEY=mine か KEY=theirs の形ではありません")
    return key, side


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} は日時ではありません（例：2027-04-01T00:00）") from None
    return found if found.tzinfo else found.replace(tzinfo=clock.TOKYO)


async def _list(given: argparse.Namespace, desk: Desk, by: Actor) -> list[ToldEdition]:
    return await desk.editions()


async def _do_fork(given: argparse.Namespace, desk: Desk, by: Actor) -> ToldEdition:
    return await desk.fork(NewDraft(title=given.title, of=await desk.number(given.of)), by=by)


async def _do_save(given: argparse.Namespace, desk: Desk, by: Actor) -> ToldSave:
    put = _read(given.put) if given.put else {}
    try:
        wanted = ItemChange(
            put=put, remove=given.remove, revisions=dict(given.revision), detach=given.detach, note=given.note
        )
    except ValidationError:
        raise InvalidRequest("変更は {一覧の名前: [項目, …]} の形の JSON で書いてください。", where="/put") from None
    return await desk.change(await desk.number(given.edition), wanted, by=by)


def _read(file: Path) -> Any:
    try:
        return json.loads(Path("/dev/stdin" if str(file) == "-" else file).read_bytes())
    except (OSError, ValueError) as error:
        raise InvalidRequest(f"{file} を JSON として読めません（{type(error).__name__}）。", where="/put") from error


async def _show(given: argparse.Namespace, desk: Desk, by: Actor) -> dict[str, Any]:
    return await desk.item(await desk.number(given.edition), given.key)


async def _revert(given: argparse.Namespace, desk: Desk, by: Actor) -> ToldSave:
    wanted = Reverting(seq=given.seq, key=given.item, detach=given.detach, note=given.note)
    return await desk.revert(await desk.number(given.edition), wanted, by=by)


async def _merge(given: argparse.Namespace, desk: Desk, by: Actor) -> ToldSave:
    wanted = Merging(onto=given.onto, decided=_sides(given), note=given.note)
    return await desk.merge(await desk.number(given.edition), wanted, by=by)


def _sides(given: argparse.Namespace) -> dict[str, Literal["mine", "theirs"]]:
    return dict(given.decide)


async def _discard(given: argparse.Namespace, desk: Desk, by: Actor) -> ToldEdition:
    return await desk.discard(await desk.number(given.edition), by=by, note=given.note)


async def _check(given: argparse.Namespace, desk: Desk, by: Actor) -> list[ToldFinding]:
    return await desk.findings(await desk.number(given.edition))


async def _scenarios(given: argparse.Namespace, desk: Desk, by: Actor) -> list[ToldScenario]:
    return await desk.scenarios(await desk.number(given.edition))


async def _compare(given: argparse.Namespace, desk: Desk, by: Actor) -> ToldReview:
    return await desk.review(await desk.number(given.old), await desk.number(given.new))


async def _publish(given: argparse.Namespace, desk: Desk, by: Actor) -> ToldEdition:
    wanted = Publication(seen=given.seen, at=getattr(given, "at", None), note=given.note, decided=_sides(given))
    return await desk.publish(await desk.number(given.edition), wanted, by=by)


async def _withdraw(given: argparse.Namespace, desk: Desk, by: Actor) -> ToldEdition:
    return await desk.withdraw(await desk.number(given.edition), Reason(note=given.note, decided=_sides(given)), by=by)


async def _roll_back(given: argparse.Namespace, desk: Desk, by: Actor) -> ToldEdition:
    return await desk.roll_back(
        await desk.number(given.edition), Reason(note=given.reason, decided=_sides(given)), by=by
    )


async def _archive(given: argparse.Namespace, desk: Desk, by: Actor) -> list[ToldEdition]:
    if given.due == (given.edition is not None):
        raise InvalidRequest("版の番号か --due の、どちらか一方を書いてください。")
    if given.edition is not None:
        return [await desk.archive(await desk.number(given.edition), by=by)]
    done = await archive.archive_due(desk.graph, by=by, older_than=desk.archive_after)
    return [await desk.edition(one.number) for one in done]


async def _bring_back(given: argparse.Namespace, desk: Desk, by: Actor) -> ToldEdition:
    return await desk.bring_back(await desk.number(given.edition), by=by)


async def _history(given: argparse.Namespace, desk: Desk, by: Actor) -> Any:
    if given.verify:
        broken = await history.verify(desk.graph)
        if broken is None:
            return {"whole": True, "text": "変更の履歴はつながっています。"}
        text = f"変更の履歴が {broken.seq} 番目で切れています（{history.BREAKS[broken.how]}）。"
        return {"whole": False, "seq": broken.seq, "how": broken.how, "text": text}
    wanted = history.Filter(
        edition=given.edition,
        key=given.item,
        by=given.person,
        action=given.action,
        since=given.since,
        until=given.until,
    )
    return await desk.history(wanted, before=given.before, most=given.most)


def _nothing(one: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


COMMANDS: Sequence[Command] = (
    Command("editions", "すべての版を並べます。", _nothing, _list),
    Command("fork", "版を写して、新しい下書きを作ります。", _fork, _do_fork),
    Command("show", "版の項目を、保存に要る改訂の番号と一緒に示します。", _item_arguments, _show),
    Command("save", "下書きの項目を保存・削除します。", _save_arguments, _do_save),
    Command("revert", "変更を取り消すか、項目を前の内容に戻します。", _revert_arguments, _revert),
    Command("merge", "そのあと公開された変更を、下書きに合流させます。", _merge_arguments, _merge),
    Command("discard", "下書きを破棄します。", _noted, _discard),
    Command("check", "版を点検します。", _number, _check),
    Command("scenarios", "版の試験ケースを実行します。", _number, _scenarios),
    Command("compare", "2つの版を比べます。", _compare_arguments, _compare),
    Command("publish", "下書きをいま公開します。", _publish_arguments, _publish),
    Command("schedule", "下書きの公開を予約します。", _schedule_arguments, _publish),
    Command("withdraw", "公開の予約を取り消します。", _withdraw_arguments, _withdraw),
    Command("rollback", "前の版の写しを、いま公開します。", _roll_back_arguments, _roll_back),
    Command("archive", "版をグラフから保管庫に移します。", _archive_arguments, _archive),
    Command("bring-back", "保管庫の版をグラフに戻します。", _number, _bring_back),
    Command("history", "変更の履歴を読みます。", _history_arguments, _history),
)
