"""`make references` writes the references in `ops/` anew from the code: commands, settings, pages, queries,
errors, kinds of the content.

What stands before the first table (or the first `##`) of a reference is written by people and kept.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from types import ModuleType

import click
from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

import service
from service.cli.main import tetsuzuki
from service.content import registry
from service.content.fields import FieldEntry, fields_of
from service.errors import GuideError
from service.settings import ROOT, Settings
from service.store.statements import Statement, every

OPS = ROOT / "ops"
UNITS = ((1024 * 1024, "MiB"), (1024, "KiB"))
UNSET = "–"
END = "<!-- end of what the code says -->"


def table(headings: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """A table of Markdown."""
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def first_sentence(text: str | None) -> str:
    """The first paragraph of a docstring, on one line, without its full stop."""
    return " ".join((text or "").strip().partition("\n\n")[0].split()).removesuffix(".")


def commands() -> str:
    """Every command with its arguments and what each is for."""
    parts = []
    for name in sorted(tetsuzuki.commands):
        command = tetsuzuki.commands[name]
        context = click.Context(command, info_name=f"tetsuzuki {name}")
        records = (parameter.get_help_record(context) for parameter in command.params)
        rows = [(f"`{record[0]}`", record[1]) for record in records if record]
        usage = f"    {command.get_usage(context).removeprefix('Usage: ')}"
        told = inspect.cleandoc(command.help or "")
        parts.append("\n\n".join([f"## {name}", told, usage, table(("option", "it says"), iter(rows))]))
    return "\n\n".join(parts)


def default_text(name: str, value: object) -> str:
    """A default as people read it."""
    if value is None or isinstance(value, SecretStr):
        return UNSET
    if value is PydanticUndefined:
        return "`~/.cache/tetsuzuki`"
    if isinstance(value, Path):
        return f"`{value.relative_to(ROOT).as_posix() if value.is_absolute() else './' + value.as_posix()}`"
    if name.endswith("_bytes") and isinstance(value, int) and value:
        size, unit = next((size, unit) for size, unit in UNITS if value % size == 0)
        return f"`{value // size} {unit}`"
    return f"`{value}`"


def settings() -> str:
    """Every setting with its default and what it does."""
    rows = (
        (
            f"`{field.validation_alias or f'TETSUZUKI_{name.upper()}'}`",
            default_text(name, field.default),
            " ".join((field.description or "").split()).removesuffix("."),
        )
        for name, field in Settings.model_fields.items()
    )
    return table(("variable", "default", "what it does"), rows)


def modules() -> Iterator[ModuleType]:
    """Every module of the service."""
    for found in pkgutil.walk_packages(service.__path__, "service."):
        if found.name != "service.__main__":
            yield importlib.import_module(found.name)


def is_form(route: APIRoute) -> bool:
    """Whether forms are sent to the address."""
    return "POST" in (route.methods or ())


def routes() -> list[APIRoute]:
    """Every route of a page; the API describes itself in its OpenAPI document."""
    routers = [module.router for module in modules() if isinstance(getattr(module, "router", None), APIRouter)]
    pages = {
        id(route): route  # those of a page also stand in the router of all pages
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute) and not route.path.startswith("/api/")
    }
    return sorted(pages.values(), key=lambda route: (route.path.startswith("/staff"), route.path, is_form(route)))


def pages() -> str:
    """Every address that a browser may ask for, what it shows, and the module with its route and its page."""
    rows = (
        (
            f"`{'POST ' if is_form(route) else ''}{route.path}`",
            first_sentence(inspect.getdoc(route.endpoint)),
            f"`{route.endpoint.__module__.removeprefix('service.').replace('.', '/')}`",
        )
        for route in routes()
    )
    return table(("address", "what it does", "module"), rows)


def statement_row(query: Statement) -> tuple[str, ...]:
    """What the header of a statement says."""
    params = ", ".join(f"`{name}`" for name in query.params) or UNSET
    return f"`{query.name}`", query.purpose, params, query.returns, query.access


def queries() -> str:
    """Every Cypher statement, by folder."""
    parts = []
    for folder, group in groupby(every(), key=lambda query: query.name.rpartition("/")[0]):
        rows = [statement_row(query) for query in group]
        headings = ("statement", "for", "parameters", "returns", "access")
        parts.append(f"## {folder}\n\n{table(headings, iter(rows))}")
    return "\n\n".join(parts)


def error_classes() -> Iterator[type[GuideError]]:
    """Every error of the family, of every module."""
    assert list(modules())
    yield from _family(GuideError)


def _family(root: type[GuideError]) -> Iterator[type[GuideError]]:
    yield root
    for child in root.__subclasses__():
        yield from _family(child)


def errors() -> str:
    """Every code with its status, when it is answered, and what to do."""
    by_code = {error.code: error for error in reversed(list(error_classes()))}
    rows = (
        (f"`{code}`", str(error.status), first_sentence(inspect.getdoc(error)), error.remedy)
        for code, error in sorted(by_code.items())
    )
    return table(("code", "status", "when", "what to do"), rows)


def content() -> str:
    """Every kind of the content with its fields, as the registry has them."""
    parts = []
    for kind in registry.current().kinds.values():
        rows = (field_row(entry) for entry in kind.fields.values())
        place = f"list `{kind.list_name}`" if kind.list_name else "inside the items that own them"
        table_of_fields = table(("field", "in Japanese", "holds", "left out", "edges"), rows)
        parts.append(f"## {kind.label} （{kind.name}）\n\nIn the document: {place}.\n\n{table_of_fields}")
    return "\n\n".join(parts)


def field_row(entry: FieldEntry) -> tuple[str, ...]:
    """What the registry has on a field; the values of a choice and the parts of a record are named."""
    holds = ", ".join(f"`{value}`" for value in entry.words if value not in {True, False}) or entry.shape
    if entry.inner:
        holds += ": " + ", ".join(f"`{part}`" for part in fields_of(entry.inner))
    edges = ", ".join(f"`{edge}`" for edge in entry.reference.edges) if entry.reference else ""
    if entry.owned:
        edges = f"`{entry.owned.edge}`"
    target = f" {'from' if entry.reference.incoming else 'to'} {entry.reference.kind}" if entry.reference else ""
    default = UNSET if entry.default in (None, [], {}) else f"`{str(entry.default).lower()}`"
    return f"`{entry.name}`", entry.label, holds, default, edges + target or UNSET


REFERENCES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands,
    "settings.md": settings,
    "pages.md": pages,
    "queries.md": queries,
    "errors.md": errors,
    "content.md": content,
}


def written(name: str) -> str:
    """The whole reference: what people wrote, what the code says, and what people wrote behind it."""
    text = (OPS / name).read_text(encoding="utf-8")
    text, _, tail = text.partition(END)
    begin = re.search(r"^(## |\| )", text, flags=re.MULTILINE)
    head = text[: begin.start()] if begin else text
    parts = [head.strip(), REFERENCES[name](), *([END, tail.strip()] if tail.strip() else [])]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    for name in REFERENCES:
        (OPS / name).write_text(written(name), encoding="utf-8")
