"""The staff's commands: editions, drafts, checks, comparison, publishing, history; each with `--json`."""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ParamSpec

import click

from service.accounts.permissions import OPERATOR, Actor, Permission
from service.cli import staff_text
from service.cli.database import with_graph
from service.cli.guide import AnswerType
from service.cli.parameters import EditionArgument, Moment, Pair, Revision
from service.diff_text import differences
from service.editions import history as chain
from service.editions import requests, responses
from service.editions.requests import (
    Confirming,
    ItemChange,
    Merging,
    NewDraft,
    NewPreviewLink,
    NewScenario,
    Publication,
    Reason,
    Reverting,
)
from service.editions.reviews import Review
from service.editions.service import EditionService
from service.errors import GuideError, InvalidRequest
from service.guidance.answers import RawAnswer
from service.guidance.requests import SaidAnswer
from service.settings import settings
from service.store import schema
from service.store.graph import Graph

Arguments = ParamSpec("Arguments")
Work = Callable[[EditionService, Actor], Awaitable[Any]]
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

COMMANDS: list[click.Command] = []

edition_argument = click.argument("edition", type=EditionArgument(), metavar="N|live")
note_option = click.option("--note", help="理由（履歴に残ります）")
detach_option = click.option("--detach", is_flag=True, help="なくなるものへの参照を、使っている項目から外します")
decide_option = click.option(
    "--decide",
    "decided",
    multiple=True,
    type=Pair("[N/]KEY=mine|theirs", "=", right=("mine", "theirs")),
    help="競合の決定（繰り返せます）",
)
by_option = click.option("--by", default=OPERATOR.id, metavar="ID", help="だれがしたことにするか（履歴に残ります）")
seen_option = click.option("--seen", metavar="HASH", help="compare が最後に示した値：比較を確かめたしるし")


def staff_command(name: str, *parameters: Decorator) -> Callable[[Callable[Arguments, Work]], click.Command]:
    """A command of the staff, from a function that makes the work of its arguments.

    It takes `--json` and `--by` too; the work gets the service and who acts, and what it returns is printed.
    """

    def decorate(function: Callable[Arguments, Work]) -> click.Command:
        @functools.wraps(function)
        def run(json: bool, by: str, *args: Arguments.args, **kwargs: Arguments.kwargs) -> int:
            work = function(*args, **kwargs)
            return with_graph(settings(), name, lambda graph: _print_result(work, graph, by=by, as_json=json))

        for parameter in reversed(
            (
                *parameters,
                click.option("--json", is_flag=True, help="結果を JSON で書きます"),
                by_option,
            )
        ):
            run = parameter(run)
        command = click.command(name)(run)
        COMMANDS.append(command)
        return command

    return decorate


def _read_of(edition: str, read: Callable[[EditionService, int], Awaitable[Any]]) -> Work:
    """The work that reads something of an edition."""

    async def work(service: EditionService, by: Actor) -> Any:
        return await read(service, await service.number(edition))

    return work


def service_on(graph: Graph) -> EditionService:
    """The service as the settings want it; nothing goes on in the background of a command."""
    chosen = settings()
    return EditionService(
        graph,
        second_person=chosen.second_person,
        archive_after=timedelta(days=chosen.archive_after_days),
        looks_ahead=False,
        law=chosen.layers[:-1],
    )


def actor(name: str) -> Actor:
    """Who acts at the command line: somebody who may do everything, under that name."""
    return Actor(name, frozenset(Permission))


async def _print_result(work: Work, graph: Graph, *, by: str, as_json: bool) -> int:
    """Does the work and prints its result; returns the exit status. Errors: GuideError, without `--json`."""
    await schema.ensure(graph)
    try:
        result = await responses.of(graph.latest, await work(service_on(graph), actor(by)))
    except GuideError as error:
        if not as_json:
            raise
        click.echo(json.dumps({"error": staff_text.error_body(error)}, ensure_ascii=False))
        return 1
    click.echo(staff_text.as_json(result) if as_json else staff_text.as_text(result))
    return 1 if staff_text.is_bad(result) else 0


def _read_json(file: str) -> Any:
    try:
        return json.loads(Path("/dev/stdin" if file == "-" else file).read_bytes())
    except (OSError, ValueError) as error:
        raise InvalidRequest(f"{file} を JSON として読めません（{type(error).__name__}）。", where="/put") from error


@staff_command(
    "editions",
    click.argument("edition", type=EditionArgument(), metavar="[N|live]", required=False),
    click.option("--due", is_flag=True, help="保管の時期が来た版だけ"),
)
def editions(edition: str | None, due: bool) -> Work:
    """すべての版を並べます。番号を書くと、その版だけです。"""

    async def work(service: EditionService, by: Actor) -> Any:
        if edition is not None:
            return [await service.edition(await service.number(edition))]
        return await (service.due() if due else service.editions())

    return work


@staff_command(
    "fork",
    click.option("--of", type=EditionArgument(), default="live", help="もとにする版（なければ公開中の版）"),
    click.option("--title", required=True, help="下書きの名前"),
)
def fork(of: str, title: str) -> Work:
    """版を写して、新しい下書きを作ります。"""

    async def work(service: EditionService, by: Actor) -> Any:
        return await service.fork(requests.read(NewDraft, {"title": title, "of": await service.number(of)}), by=by)

    return work


@staff_command("show", edition_argument, click.argument("key"))
def show(edition: str, key: str) -> Work:
    """版の項目を、保存に要る改訂の番号と一緒に示します。"""

    async def work(service: EditionService, by: Actor) -> Any:
        return await service.item(await service.number(edition), key)

    return work


put_option = click.option("--put", metavar="FILE", help="JSON：{一覧の名前: [項目, …]}。- は標準入力")
remove_option = click.option("--remove", multiple=True, metavar="KEY", help="削除する項目（繰り返せます）")


@staff_command("trial", edition_argument, put_option, remove_option)
def trial(edition: str, put: str | None, remove: Sequence[str]) -> Work:
    """そのように保存すると、住民に何が変わるかを示します。何も書き込みません。"""

    async def work(service: EditionService, by: Actor) -> Any:
        fields = {"put": _read_json(put) if put else {}, "remove": list(remove)}
        tried = await service.trial(await service.number(edition), requests.read(ItemChange, fields))
        return staff_text.Spoken(await responses.trial(service.graph.latest, tried), staff_text.trial(tried))

    return work


@staff_command(
    "save",
    edition_argument,
    put_option,
    remove_option,
    click.option("--revision", multiple=True, type=Revision("KEY=R", "="), help="もとにした改訂の番号（繰り返せます）"),
    detach_option,
    note_option,
)
def save(
    edition: str,
    put: str | None,
    remove: Sequence[str],
    revision: Sequence[tuple[str, int]],
    detach: bool,
    note: str | None,
) -> Work:
    """下書きの項目を保存・削除します。"""

    async def work(service: EditionService, by: Actor) -> Any:
        lists = _read_json(put) if put else {}
        fields = {"put": lists, "remove": list(remove), "revisions": dict(revision), "detach": detach, "note": note}
        return await service.save(await service.number(edition), requests.read(ItemChange, fields), by=by)

    return work


@staff_command(
    "revert",
    click.argument("edition", metavar="N|new"),
    click.argument("seq", type=int),
    click.option(
        "--item", metavar="KEY", help="この項目を、その記録のときの内容に戻します（なければ変更を取り消します）"
    ),
    click.option(
        "--side", type=click.Choice(["before", "after"]), help="項目を、その変更の前と後のどちらの内容に戻すか"
    ),
    detach_option,
    note_option,
)
def revert(edition: str, seq: int, item: str | None, side: str | None, detach: bool, note: str | None) -> Work:
    """変更を取り消すか、項目を前の内容に戻します。SEQ は記録の番号、new は公開中の版からの新しい下書きです。"""

    async def work(service: EditionService, by: Actor) -> Any:
        fields = {"seq": seq, "key": item, "side": side, "detach": detach, "note": note}
        edition_number = None if edition == "new" else await service.number(edition)
        return await service.revert(edition_number, requests.read(Reverting, fields), by=by)

    return work


@staff_command(
    "merge",
    edition_argument,
    click.option("--onto", type=int, metavar="N", help="合流させる版（なければ公開中の版）"),
    click.option("--revision", type=int, metavar="R", help="競合を見たときの下書きの改訂の番号"),
    decide_option,
    note_option,
)
def merge(
    edition: str, onto: int | None, revision: int | None, decided: Sequence[tuple[str, Any]], note: str | None
) -> Work:
    """そのあと公開された変更を、下書きに合流させます。"""

    async def work(service: EditionService, by: Actor) -> Any:
        fields = {"onto": onto, "revision": revision, "decided": dict(decided), "note": note}
        return await service.merge(await service.number(edition), requests.read(Merging, fields), by=by)

    return work


@staff_command(
    "merge-preview",
    edition_argument,
    click.option("--onto", type=int, metavar="N", help="合流させる版（なければ公開中の版）"),
)
def merge_preview(edition: str, onto: int | None) -> Work:
    """合流させると下書きで何が変わるか、何を決めることになるかを示します。何も書き込みません。"""

    async def work(service: EditionService, by: Actor) -> Any:
        return await service.merge_preview(await service.number(edition), onto=onto)

    return work


@staff_command("law-preview")
def law_preview() -> Work:
    """プログラムに入っている全国の内容が、公開中の版の何を変え、何を決めることになるかを示します。何も書き込みません。"""

    async def work(service: EditionService, by: Actor) -> Any:
        return await service.update_preview(await service.number("live"), await service.shipped_law())

    return work


@staff_command(
    "questions",
    edition_argument,
    click.option("--move", metavar="KEY", help="この質問をほかの位置に動かすと、質問の数がどう変わるか"),
    click.option("--event", metavar="K", help="--move を数えるライフイベント"),
)
def questions(edition: str, move: str | None, event: str | None) -> Work:
    """住民に聞く質問の数を、ライフイベントごとに数えます。"""

    async def work(service: EditionService, by: Actor) -> Any:
        if (move is None) != (event is None):
            raise InvalidRequest("--move と --event は、一緒に書いてください。")
        edition_number = await service.number(edition)
        if move is None or event is None:
            return await service.interviews(edition_number)
        return responses.moves(event, move, await service.moves(edition_number, event, question=move))

    return work


@staff_command(
    "keep-scenario",
    edition_argument,
    click.option("--name", required=True, help="試験ケースの名前"),
    click.option("--code", metavar="N-CODE", help="印刷された案内のコード（なければ --event と --answer）"),
    click.option("--event", "events", multiple=True, metavar="K", help="ライフイベント（繰り返せます）"),
    click.option("--answer", "answers", multiple=True, type=AnswerType(), help="質問への答え（繰り返せます）"),
    click.option("--rules-out", multiple=True, metavar="KEY", help="出ないはずの手続き（繰り返せます）"),
    click.option("--note", help="試験ケースのメモ"),
)
def keep_scenario(
    edition: str,
    name: str,
    code: str | None,
    events: Sequence[str],
    answers: Sequence[RawAnswer],
    rules_out: Sequence[str],
    note: str | None,
) -> Work:
    """世帯を、下書きの試験ケースとして残します。"""

    async def work(service: EditionService, by: Actor) -> Any:
        household = {
            "life_events": list(events),
            "answers": [SaidAnswer.of(answer) for answer in answers],
            "rules_out": list(rules_out),
        }
        new_scenario = requests.read(NewScenario, {"name": name, "code": code, "note": note, **household})
        return await service.keep_scenario(await service.number(edition), new_scenario, by=by)

    return work


@staff_command("previews", edition_argument)
def previews(edition: str) -> Work:
    """版のプレビューのリンクを並べます。"""
    return _read_of(edition, EditionService.links)


@staff_command(
    "preview-link",
    edition_argument,
    click.option("--days", type=int, help="使える日数（なければ設定のとおり）"),
    click.option("--note", default="", help="だれに渡すかなど"),
)
def preview_link(edition: str, days: int | None, note: str) -> Work:
    """版のプレビューのリンクを作ります。"""

    async def work(service: EditionService, by: Actor) -> Any:
        edition_number = await service.number(edition)
        fields = {"days": settings().preview_days if days is None else days, "note": note}
        token = await service.issue_link(edition_number, requests.read(NewPreviewLink, fields), by=by)
        return responses.new_link(edition_number, token)

    return work


@staff_command("revoke-link", edition_argument, click.argument("link", metavar="ID"))
def revoke_link(edition: str, link: str) -> Work:
    """プレビューのリンクを使えなくします。ID は previews が示します。"""

    async def work(service: EditionService, by: Actor) -> Any:
        return await service.revoke_link(await service.number(edition), link, by=by)

    return work


@staff_command("discard", edition_argument, note_option)
def discard(edition: str, note: str | None) -> Work:
    """下書きを破棄します。"""

    async def work(service: EditionService, by: Actor) -> Any:
        return await service.discard(await service.number(edition), requests.read(Reason, {"note": note}), by=by)

    return work


@staff_command("check", edition_argument)
def check(edition: str) -> Work:
    """版を点検します。"""
    return _read_of(edition, EditionService.findings)


@staff_command("unconfirmed", edition_argument)
def unconfirmed(edition: str) -> Work:
    """まだ確かめていないことを、窓口ごとに示します。"""
    return _read_of(edition, EditionService.to_confirm)


@staff_command(
    "confirm",
    edition_argument,
    click.option("--window", metavar="KEY", help="この窓口で確かめることのすべて"),
    click.option("--procedure", metavar="KEY", help="この手続きだけ"),
    click.option("--group", "groups", multiple=True, help="手続きの、この事項だけ（deadline など。繰り返せます）"),
    click.option("--seen", metavar="VALUE", help="unconfirmed が示した値：そのあと変わっていれば断られます"),
    note_option,
)
def confirm(
    edition: str,
    window: str | None,
    procedure: str | None,
    groups: Sequence[str],
    seen: str | None,
    note: str | None,
) -> Work:
    """自治体で確かめたことを、下書きに記録します。--window か --procedure の、どちらか一方を書きます。"""

    async def work(service: EditionService, by: Actor) -> Any:
        fields = {"window": window, "procedure": procedure, "groups": list(groups), "seen": seen, "note": note}
        return await service.confirm(await service.number(edition), requests.read(Confirming, fields), by=by)

    return work


@staff_command("scenarios", edition_argument)
def scenarios(edition: str) -> Work:
    """版の試験ケースを実行します。"""
    return _read_of(edition, EditionService.scenarios)


@staff_command(
    "compare",
    click.argument("old", type=EditionArgument(), metavar="N|live"),
    click.argument("new", type=EditionArgument(), metavar="N"),
)
def compare(old: str, new: str) -> Work:
    """2つの版を比べます。"""

    async def work(service: EditionService, by: Actor) -> Any:
        review = await service.review(await service.number(old), await service.number(new))
        return staff_text.Spoken(await responses.of(service.graph.latest, review), await _told(service, review))

    return work


async def comparison_text(service: EditionService, old: int, new: int) -> str:
    """Two editions compared, in words."""
    return await _told(service, await service.review(old, new))


async def _told(service: EditionService, review: Review) -> str:
    items = [(await service.reviewer.content(edition))[1] for edition in (review.old, review.new)]
    return staff_text.review(review, differences.names(*items))


@staff_command(
    "ready", edition_argument, click.option("--at", type=Moment(), help="公開する時刻（日本時間。なければいま）")
)
def ready(edition: str, at: datetime | None) -> Work:
    """下書きを公開する前に、まだすることがあるかを示します。"""

    async def work(service: EditionService, by: Actor) -> Any:
        readiness = await service.readiness(await service.number(edition), at=at)
        return await responses.readiness(service.graph.latest, readiness, barred=service.is_barred(readiness, by))

    return work


def _publication(
    edition: str, seen: str | None, decided: Sequence[tuple[str, Any]], note: str | None, at: datetime | None = None
) -> Work:
    async def work(service: EditionService, by: Actor) -> Any:
        fields = {"seen": seen, "at": at, "note": note, "decided": dict(decided)}
        return await service.publish(await service.number(edition), requests.read(Publication, fields), by=by)

    return work


@staff_command("publish", edition_argument, seen_option, decide_option, note_option)
def publish(edition: str, seen: str | None, decided: Sequence[tuple[str, Any]], note: str | None) -> Work:
    """下書きをいま公開します。"""
    return _publication(edition, seen, decided, note)


@staff_command(
    "schedule",
    edition_argument,
    click.option("--at", required=True, type=Moment(), help="公開する時刻（日本時間）"),
    seen_option,
    decide_option,
    note_option,
)
def schedule(
    edition: str, at: datetime, seen: str | None, decided: Sequence[tuple[str, Any]], note: str | None
) -> Work:
    """下書きの公開を予約します。"""
    return _publication(edition, seen, decided, note, at)


@staff_command("withdraw", edition_argument, decide_option, note_option)
def withdraw(edition: str, decided: Sequence[tuple[str, Any]], note: str | None) -> Work:
    """公開の予約を取り消します。"""

    async def work(service: EditionService, by: Actor) -> Any:
        reason = requests.read(Reason, {"note": note, "decided": dict(decided)})
        return await service.withdraw(await service.number(edition), reason, by=by)

    return work


@staff_command(
    "rollback", edition_argument, click.option("--reason", required=True, help="前の版に戻す理由"), decide_option
)
def roll_back(edition: str, reason: str, decided: Sequence[tuple[str, Any]]) -> Work:
    """前の版の写しを、いま公開します。"""

    async def work(service: EditionService, by: Actor) -> Any:
        reason_given = requests.read(Reason, {"note": reason, "decided": dict(decided)})
        return await service.roll_back(await service.number(edition), reason_given, by=by)

    return work


@staff_command(
    "archive",
    click.argument("edition", type=EditionArgument(), metavar="[N]", required=False),
    click.option("--due", is_flag=True, help="保管の時期が来た版をすべて"),
)
def archive(edition: str | None, due: bool) -> Work:
    """版をグラフから保管庫に移します。"""

    async def work(service: EditionService, by: Actor) -> Any:
        if due == (edition is not None):
            raise InvalidRequest("版の番号か --due の、どちらか一方を書いてください。")
        if edition is not None:
            return [await service.archive(await service.number(edition), by=by)]
        return await service.archive_due(by=by)

    return work


@staff_command("bring-back", edition_argument)
def bring_back(edition: str) -> Work:
    """保管庫の版をグラフに戻します。"""

    async def work(service: EditionService, by: Actor) -> Any:
        return await service.bring_back(await service.number(edition), by=by)

    return work


@staff_command(
    "history",
    click.argument("act", type=click.Choice(["verify", "anchor"]), required=False, metavar="[verify|anchor]"),
    click.option("--reason", help="anchor の理由（この機械の控えに残ります）"),
    click.option("--edition", type=int, metavar="N", help="この版の変更だけ"),
    click.option("--item", metavar="KEY", help="この項目の変更だけ"),
    click.option("--person", metavar="ID", help="この人の変更だけ"),
    click.option("--action", metavar="ACTION", help="この種類の変更だけ"),
    click.option("--since", type=Moment(), help="この時刻から"),
    click.option("--until", type=Moment(), help="この時刻まで"),
    click.option("--before", type=int, metavar="SEQ", help="この番号より前"),
    click.option("--most", type=int, default=50, metavar="COUNT", help="多くても何件か"),
)
def history(
    act: str | None,
    reason: str | None,
    edition: int | None,
    item: str | None,
    person: str | None,
    action: str | None,
    since: datetime | None,
    until: datetime | None,
    before: int | None,
    most: int,
) -> Work:
    """変更の履歴を読みます。verify は、履歴と、すべての版の内容を確かめます。

    anchor は、いまの履歴を、この機械で正しいものと認めます（控えから戻したときなど）。
    """

    async def work(service: EditionService, by: Actor) -> Any:
        if act == "verify":
            return await service.verify()
        if act == "anchor":
            return await _anchor_history(service, reason or "", by=by)
        filters = chain.Filter(edition=edition, key=item, by=person, action=action, since=since, until=until)
        return await service.history(filters, before=before, most=most)

    return work


async def _anchor_history(service: EditionService, reason: str, *, by: Actor) -> dict[str, Any]:
    if not reason.strip():
        raise InvalidRequest("いまの履歴を正しいと認める理由を --reason に書いてください。", where="/reason")
    seq = await chain.anchor(service.graph, reason=f"{by.id}：{reason}")
    return {"seq": seq, "text": f"{seq} 番までの履歴を、この機械で正しいものと認めました。"}
