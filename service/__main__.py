"""The commands of `tetsuzuki`. Exit status 0, 1 (refused, with the reason on standard error) or 2 (wrong use)."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TypeVar

from pydantic import ValidationError

from service.accounts import sessions
from service.accounts.permissions import OPERATOR
from service.cli import commands as staff
from service.cli import terminal
from service.content import canonical
from service.editions import importing
from service.errors import GuideError, InvalidContent
from service.runtime import doctor, supervisor
from service.runtime.embedded import database
from service.settings import Settings, settings
from service.store import schema
from service.store.graph import Graph

Result = TypeVar("Result")

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(KeyboardInterrupt):
    """Ctrl-C, or the system asks us to end: everything is stopped on the way out."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status (wrong use of arguments ends in SystemExit 2)."""
    given = parser().parse_args(arguments)
    for number in STOPPING:
        signal.signal(number, _stop)
    try:
        status: int = given.run(given, settings())
        return status
    except ValidationError as error:
        return _complain(_wrong_settings(error), status=2)
    except InvalidContent as error:
        return _complain("\n".join([error.message, *map(str, error.problems)]), status=1)
    except GuideError as error:
        place = f"（{error.where}）" if error.where else ""
        return _complain(f"{error.message}{place}", status=1)
    except (KeyboardInterrupt, EOFError):
        return _complain("中断しました。", status=1)


def parser() -> argparse.ArgumentParser:
    """The commands and their arguments."""
    top = argparse.ArgumentParser(prog="tetsuzuki", description="手続きの案内を動かします。")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[..., int], text: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text)
        one.set_defaults(run=run)
        return one

    command("serve", _serve, "データベースと Web サーバーを起動します。")
    _import_arguments(command("import", _import, "内容を新しい版として取り込みます。"))
    _export_arguments(command("export", _export, "版の内容を書き出します。"))
    _guide_arguments(command("guide", _guide, "回答から、必要な手続きを JSON で答えます。"))
    _staff_link_arguments(command("staff-link", _staff_link, "職員用の画面に入るリンクを作ります。"))
    command("doctor", _doctor, "この機械で足りないものを調べます。")
    for found in staff.COMMANDS:
        one = command(found.name, _staff, found.text)
        found.arguments(one)
        one.add_argument("--json", action="store_true", help="結果を JSON で書きます")
        one.add_argument("--by", default=OPERATOR.id, metavar="ID", help="だれがしたことにするか（履歴に残ります）")
        one.set_defaults(command=found)
    return top


def _import_arguments(one: argparse.ArgumentParser) -> None:
    one.add_argument("files", nargs="+", type=_file, metavar="FILE", help="YAML か JSON。いくつかに分けられます")
    one.add_argument("--publish", action="store_true", help="すぐに公開します")
    one.add_argument("--title", help="版の名前（なければファイルの名前。いくつもあるときは取り込んだ日）")


def _export_arguments(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--edition", type=_edition, default="live", metavar="N|live", help="版の番号（なければ公開中の版）"
    )
    one.add_argument("--yaml", action="store_true", help="JSON ではなく YAML で書きます")


def _guide_arguments(one: argparse.ArgumentParser) -> None:
    one.add_argument("--event", nargs="+", action="extend", default=[], metavar="K", help="ライフイベント")
    one.add_argument(
        "--answer",
        nargs="+",
        action="extend",
        default=[],
        type=_answer,
        metavar="Q:O,O",
        help="質問:選択肢（Q: はどれもない、Q:? はわからない）",
    )
    one.add_argument(
        "--date",
        nargs="+",
        action="extend",
        default=[],
        type=_date,
        metavar="K:YYYY-MM-DD",
        help="ライフイベントの日",
    )
    one.add_argument("--edition", type=_number, metavar="N", help="版の番号（なければ公開中の版）")
    one.set_defaults(usage=one)


def _staff_link_arguments(one: argparse.ArgumentParser) -> None:
    one.add_argument("--api", action="store_true", help="リンクではなく、API に送る値（Bearer）を作ります")


def _serve(given: argparse.Namespace, own: Settings) -> int:
    """Serves until it is stopped: that is how it ends well."""
    try:
        supervisor.serve(own, _tell)
    except Stopped:
        _tell("終了しました。")
    return 0


def _import(given: argparse.Namespace, own: Settings) -> int:
    done = _with_graph(
        own,
        "import",
        lambda graph: importing.import_files(graph, given.files, publish=given.publish, title=given.title),
    )
    edition = done.edition
    told = {"edition": edition.number, "hash": edition.content_hash, "state": edition.state}
    print(json.dumps({**told, "created": done.created, "counts": done.counts}, ensure_ascii=False))
    return 0


def _export(given: argparse.Namespace, own: Settings) -> int:
    content = _with_graph(own, "export", lambda graph: importing.export(graph, given.edition))
    sys.stdout.buffer.write(canonical.as_yaml(content) if given.yaml else canonical.canonical(content))
    return 0


def _guide(given: argparse.Namespace, own: Settings) -> int:
    ask = not given.answer and sys.stdin.isatty()
    if not given.event and not ask:
        given.usage.error("--event が必要です。")
    household = terminal.Household(given.event, given.answer, dict(given.date), given.edition)
    body = _with_graph(own, "guide", lambda graph: terminal.guide(graph, own, household=household, ask=ask))
    sys.stdout.buffer.write(body + b"\n")
    return 0


def _staff_link(given: argparse.Namespace, own: Settings) -> int:
    """Prints a link that can be used once, or with `--api` a token for programs on this machine."""

    async def made(graph: Graph) -> str:
        await schema.prepare(graph)
        if given.api:
            return await sessions.open_session(graph, hours=own.staff_session_hours)
        return sessions.enter_url(
            supervisor.running_web(own), await sessions.invite(graph, minutes=own.staff_link_minutes)
        )

    print(_with_graph(own, "staff-link", made))
    return 0


def _staff(given: argparse.Namespace, own: Settings) -> int:
    return _with_graph(
        own,
        given.command.name,
        lambda graph: staff.run(given.command, given, graph=graph, own=own),
    )


def _doctor(given: argparse.Namespace, own: Settings) -> int:
    """0 when a start needs nothing more from the user, else 1."""
    bad = 0
    for finding in doctor.examine(own):
        print(finding, flush=True)
        bad += finding.mark == "bad"
    return 1 if bad else 0


def _with_graph(own: Settings, command: str, work: Callable[[Graph], Awaitable[Result]]) -> Result:
    """What `work` returns, done on the database that runs, or on one started for it."""
    with database(own, tell=_tell, command=command) as address:

        async def run() -> Result:
            graph = Graph.open(address, pool=4)
            try:
                return await work(graph)
            finally:
                await graph.close()

        return asyncio.run(run())


def _stop(number: int, frame: FrameType | None) -> None:
    """Ends what runs, once: a second signal does not disturb the stopping."""
    for other in STOPPING:
        signal.signal(other, signal.SIG_IGN)
    raise Stopped


def _tell(text: str) -> None:
    """Progress goes to standard error: standard output is for results."""
    print(text, file=sys.stderr, flush=True)


def _complain(text: str, *, status: int) -> int:
    print(text, file=sys.stderr, flush=True)
    return status


def _wrong_settings(error: ValidationError) -> str:
    """The settings that cannot be used, by the names that were typed; never their values."""
    lines = (f"  TETSUZUKI_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors())
    return "\n".join(["設定に誤りがあります。", *lines])


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{text} というファイルがありません")
    return path


def _edition(text: str) -> str:
    return text if text == "live" else str(_number(text))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:19]) < 2**53):
        raise argparse.ArgumentTypeError(f"{text} は版の番号ではありません")
    return int(text)


def _answer(text: str) -> object:
    try:
        return terminal.said(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} は「質問:選択肢」の形ではありません") from None


def _date(text: str) -> tuple[str, str]:
    event, colon, day = text.partition(":")
    if not event or not colon:
        raise argparse.ArgumentTypeError(f"{text} は「ライフイベント:YYYY-MM-DD」の形ではありません")
    return event, day


if __name__ == "__main__":
    sys.exit(main())
