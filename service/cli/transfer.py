"""`import` and `export`: content in and out, whole or in layers, and amended laws."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from service.cli import staff, staff_text
from service.cli.database import tell, with_graph
from service.cli.parameters import EditionArgument
from service.cli.staff import by_option, decide_option
from service.content import canonical, loading, patches
from service.content.loading import Layered
from service.content.models import Content
from service.editions import importing, requests
from service.editions.layering import Layers
from service.editions.requests import NewEdition, Updating
from service.editions.updating import LawInConflict
from service.errors import Refused
from service.settings import settings
from service.store import schema
from service.store.graph import Graph

PARTS = ("national", "city")
"""The folders that an edition is taken apart into, the lower layer first."""

content_argument = click.Path(exists=True, path_type=Path)


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE|FOLDER...", type=content_argument)
@click.option("--publish", is_flag=True, help="すぐに公開します")
@click.option("--update", is_flag=True, help="新しい全国の内容として、公開中の版に下書きで取り入れます")
@click.option(
    "--from", "old", type=content_argument, help="--update のもとになった全国の内容（記録されていない版だけに要ります）"
)
@click.option("--title", help="版の名前（なければファイルの名前。いくつもあるときは取り込んだ日）")
@decide_option
@by_option
def import_(
    files: tuple[Path, ...],
    publish: bool,
    update: bool,
    old: Path | None,
    title: str | None,
    decided: Sequence[tuple[str, Any]],
    by: str,
) -> None:
    """YAML か JSON の内容を新しい版として取り込みます。

    FILE は、いくつかに分けられます。FOLDER は1つが1つの層で、あとの層が前の層に加え、変え、落とします。
    --update は、前の全国の内容、新しい全国の内容、公開中の版を比べ、自治体が変えたところを残します。
    """
    folders = [file for file in files if file.is_dir()]
    if folders and len(folders) < len(files):
        raise click.UsageError("ファイルとフォルダーは、一緒に書けません。", click.get_current_context())
    if update:
        if publish:
            raise click.UsageError("--update は下書きを作ります。--publish と一緒に書けません。")
        _update(files, old, {"title": title, "decided": dict(decided)}, by=by)
        return
    if old is not None:
        raise click.UsageError("--from は、--update と一緒に書きます。", click.get_current_context())
    found = _read(files)
    new_edition = requests.read(
        NewEdition, {"title": title or importing.named_after(files), "publish": publish, "decided": dict(decided)}
    )
    imported = with_graph(
        settings(),
        "import",
        lambda graph: staff.service_on(graph).import_content(
            found.content, new_edition, beneath=found.beneath, by=staff.actor(by)
        ),
    )
    edition = imported.edition
    shown = {"edition": edition.number, "hash": edition.content_hash, "state": edition.state}
    click.echo(json.dumps({**shown, "created": imported.created, "counts": imported.counts}, ensure_ascii=False))


def _read(paths: Sequence[Path]) -> Layered:
    """Folders as layers, files as one content. Errors: InvalidContent."""
    return loading.read_folders(paths) if paths[0].is_dir() else Layered(loading.read_files(paths))


def _update(files: Sequence[Path], old: Path | None, fields: Mapping[str, Any], *, by: str) -> None:
    """Brings a law into a draft, and says what that changes for residents; conflicts that are left are shown."""
    law, before = _read(files).content, _read([old]).content if old else None
    wanted = requests.read(Updating, fields)

    async def work(graph: Graph) -> dict[str, Any]:
        await schema.ensure(graph)
        service = staff.service_on(graph)
        try:
            saved = await service.update(None, law, wanted, old=before, by=staff.actor(by))
        except LawInConflict as error:
            tell(staff_text.conflicts(error.conflicts))
            raise
        edition = saved.edition
        shown = {"edition": edition.number, "hash": edition.content_hash, "state": edition.state}
        if saved.seq is not None and edition.base is not None:
            tell(await staff.comparison_text(service, edition.base, edition.number))
        return {**shown, "created": saved.seq is not None, "changed": list(saved.patch.keys)}

    click.echo(json.dumps(with_graph(settings(), "import", work), ensure_ascii=False))


@click.command()
@click.option("--edition", type=EditionArgument(), default="live", help="版の番号（なければ公開中の版）")
@click.option("--yaml", "as_yaml", is_flag=True, help="JSON ではなく YAML で書きます")
@click.option(
    "--layers",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="このフォルダーの中の national と city に、層に分けて YAML で書きます",
)
def export(edition: str, as_yaml: bool, folder: Path | None) -> None:
    """版の内容を書き出します。"""

    async def work(graph: Graph) -> Content:
        service = staff.service_on(graph)
        return await service.content(await service.number(edition))

    async def apart(graph: Graph) -> Layers:
        service = staff.service_on(graph)
        return await service.layers(await service.number(edition))

    if folder is not None:
        _write(with_graph(settings(), "export", apart), folder)
        return
    content = with_graph(settings(), "export", work)
    sys.stdout.buffer.write(canonical.as_yaml(content) if as_yaml else canonical.canonical(content))


def _write(found: Layers, folder: Path) -> None:
    """The two layers, a file each, in folders that `import` reads in this order. Errors: Refused where one is there."""
    for name, document in zip(PARTS, (patches.plain(found.beneath), found.own), strict=True):
        file = folder / name / "content.yaml"
        if file.exists():
            raise Refused(f"{file} は、すでにあります。ほかのフォルダーを書いてください。")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(canonical.item_yaml(document), encoding="utf-8")
        click.echo(str(file))
