"""`import` and `export`: content in and out."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from service.cli import staff
from service.cli.database import with_graph
from service.cli.parameters import EditionArgument
from service.cli.staff import by_option, decide_option
from service.content import canonical, loading
from service.content.models import Content
from service.editions import importing, requests
from service.editions.requests import NewEdition
from service.settings import settings
from service.store.graph import Graph


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--publish", is_flag=True, help="すぐに公開します")
@click.option("--title", help="版の名前（なければファイルの名前。いくつもあるときは取り込んだ日）")
@decide_option
@by_option
def import_(
    files: tuple[Path, ...], publish: bool, title: str | None, decided: Sequence[tuple[str, Any]], by: str
) -> None:
    """YAML か JSON の内容を新しい版として取り込みます。いくつかのファイルに分けられます。"""
    content = loading.read_files(files)
    new_edition = requests.read(
        NewEdition, {"title": title or importing.named_after(files), "publish": publish, "decided": dict(decided)}
    )
    imported = with_graph(
        settings(),
        "import",
        lambda graph: staff.service_on(graph).import_content(content, new_edition, by=staff.actor(by)),
    )
    edition = imported.edition
    shown = {"edition": edition.number, "hash": edition.content_hash, "state": edition.state}
    click.echo(json.dumps({**shown, "created": imported.created, "counts": imported.counts}, ensure_ascii=False))


@click.command()
@click.option("--edition", type=EditionArgument(), default="live", help="版の番号（なければ公開中の版）")
@click.option("--yaml", "as_yaml", is_flag=True, help="JSON ではなく YAML で書きます")
def export(edition: str, as_yaml: bool) -> None:
    """版の内容を書き出します。"""

    async def work(graph: Graph) -> Content:
        service = staff.service_on(graph)
        return await service.content(await service.number(edition))

    content = with_graph(settings(), "export", work)
    sys.stdout.buffer.write(canonical.as_yaml(content) if as_yaml else canonical.canonical(content))
