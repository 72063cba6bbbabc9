"""Serving: the processes of a guide with a checked store, its first edition, and a way in for staff."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from urllib.parse import urlsplit

from service.accounts import sessions
from service.editions import audit, importing
from service.errors import CannotStart, Unavailable
from service.guidance import municipality
from service.runtime import embedded, supervisor
from service.runtime.supervisor import Tell
from service.settings import Settings
from service.store import editions, schema
from service.store.graph import Address, Graph
from service.store.space import NoRoom

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def serve(settings: Settings, tell: Tell) -> None:
    """Serves until an exception (a signal) ends it. Errors: CannotStart, InvalidContent, Refused, Unavailable.

    The web workers start while the database does: who comes early reads that the guide is on its way.
    """
    municipality.read(settings.municipality_file)
    with ExitStack() as stack:
        claim, database = supervisor.prepared_database(settings, stack, tell)
        listening = stack.enter_context(supervisor.bound(settings))
        address = embedded.external(settings) if database is None else supervisor.launched(database, stack, tell)
        workers = stack.enter_context(supervisor.web_workers(settings, listening, address))
        if database is None:
            supervisor.wait_for_external(address, tell)
        else:
            database.wait()
        _seed(settings, address, tell)
        supervisor.wait_for_first_page(listening, workers)
        web = supervisor.web_address(settings, listening)
        if claim is not None:
            claim.tell_web(web)
        tell(f"準備ができました： {web}   （終わるときは Ctrl-C）")
        _tell_staff(settings, address, web, tell)
        supervisor.watch(settings, database, workers, tell=tell)


def _seed(settings: Settings, address: Address, tell: Tell) -> None:
    """Publishes the first edition in a store that has none; one that has one is served on a full disk too.

    Errors: CannotStart when residents would not be shown what was published: the store is damaged, or somebody wrote
    into it.
    """

    async def run() -> None:
        graph = Graph.open(address, pool=2, space=embedded.space(settings))
        try:
            await _check(graph, tell)
            imported = await importing.seed(graph, settings.layers, alone=settings.neo4j_uri is None)
        except NoRoom as error:
            if await editions.is_empty(graph.latest) or await schema.checked_version(graph) != schema.VERSION:
                raise
            tell(error.message)
            return
        finally:
            await graph.close()
        if imported is not None:
            tell(f"最初の版を公開しました（手続き {imported.counts['procedures']} 件）。")

    tell("内容を確かめています…")
    asyncio.run(run())


async def _check(graph: Graph, tell: Tell) -> None:
    try:
        await schema.checked_version(graph)
        flaws = await audit.standing(graph)
    except (Unavailable, schema.Damaged) as error:
        unreadable = f"データベースの中身を読めません：{error.message}"
        raise CannotStart("\n".join(["案内を始められません。", unreadable, audit.ADVICE])) from error
    concerned = [flaw.text for flaw in flaws if flaw.live]
    if concerned:
        raise CannotStart("\n".join(["案内を始められません。", *concerned, audit.ADVICE]))
    for flaw in flaws:
        tell(f"注意：{flaw.text}")
    if flaws:
        tell(f"案内は続けられますが、確かめてください。{audit.ADVICE}")


def _tell_staff(settings: Settings, address: Address, web: str, tell: Tell) -> None:
    """Says how staff come in: with an account over TLS, and on this machine itself by a link."""
    if urlsplit(web).hostname not in LOOPBACK:
        tell("職員は TLS の /staff でサインインします。最初の管理者は「tetsuzuki staff-account」で作れます。")
        return

    async def run() -> str:
        graph = Graph.open(address, pool=1, space=embedded.space(settings))
        try:
            return await sessions.invite(graph, minutes=settings.staff_link_minutes)
        finally:
            await graph.close()

    try:
        tell(f"職員用の画面： {sessions.enter_url(web, asyncio.run(run()))}   （一度だけ使えます）")
    except (Unavailable, NoRoom):
        tell("職員用のリンクを作れませんでした。「tetsuzuki staff-link」で作れます。")
