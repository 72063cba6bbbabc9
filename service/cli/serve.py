"""`serve`, `staff-link`, `doctor` and `rescue`: the guide as a process on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import click

from service.accounts import people, sessions
from service.accounts.permissions import OPERATOR, Role
from service.cli import rescue as rescuing
from service.cli import serving, store_check
from service.cli.database import tell, with_graph
from service.runtime import doctor as examination
from service.runtime import supervisor
from service.settings import settings
from service.store import schema
from service.store.graph import Graph


class Stopped(KeyboardInterrupt):
    """Ctrl-C, or the system asks us to end: everything is stopped on the way out."""


@click.command()
def serve() -> None:
    """データベースと Web サーバーを起動します。"""
    try:
        serving.serve(settings(), tell)
    except Stopped:  # that is how serving ends well
        tell("終了しました。")


@click.command("staff-link")
@click.option("--api", is_flag=True, help="リンクではなく、API に送る値（Bearer）を作ります")
def staff_link(api: bool) -> None:
    """職員用の画面に入るリンクを作ります。"""
    chosen = settings()

    async def make_link(graph: Graph) -> str:
        await schema.prepare(graph)
        if api:
            return await sessions.open_session(graph, hours=chosen.staff_session_hours)
        token = await sessions.invite(graph, minutes=chosen.staff_link_minutes)
        return sessions.enter_url(supervisor.running_web(chosen), token)

    click.echo(with_graph(chosen, "staff-link", make_link))


@click.command("staff-account")
@click.argument("sign_in", metavar="SIGN-IN-NAME")
@click.option("--name", help="履歴に出る名前")
@click.option(
    "--role", "roles", multiple=True, type=click.Choice([str(role) for role in Role]), help="役割（繰り返せます）"
)
@click.option("--reset", is_flag=True, help="アカウントを再設定します：いまのパスワードもアプリも使えなくなります")
def staff_account(sign_in: str, name: str | None, roles: tuple[str, ...], reset: bool) -> None:
    """職員のアカウントを作るか再設定し、最初のパスワードを書きます。本人が最初のサインインで変えます。"""

    async def first_password(graph: Graph) -> str:
        await schema.prepare(graph)
        if not reset:
            return (await people.add(graph, sign_in=sign_in, name=name or sign_in, roles=roles, by=OPERATOR))[1]
        account = await people.by_sign_in(graph, sign_in)
        return await people.reset(graph, account.id, by=OPERATOR)

    click.echo(with_graph(settings(), "staff-account", first_password))


@click.command()
def doctor() -> int:
    """この機械で足りないものを調べます。"""
    chosen = settings()
    return _print_findings(chain(examination.examine(chosen), store_check.history_findings(chosen)))


@click.command()
def rescue() -> int:
    """記録（トランザクションログ）が壊れたデータベースを、写しを取ってから開き、内容を確かめます。"""
    return _print_findings(rescuing.rescue(settings(), tell))


def _print_findings(findings: Iterable[examination.Diagnosis]) -> int:
    """Prints them; 1 when one is bad, else 0."""
    bad = 0
    for finding in findings:
        click.echo(str(finding))
        bad += finding.mark == "bad"
    return 1 if bad else 0
