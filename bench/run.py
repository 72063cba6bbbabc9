"""`make bench`: measures everything and keeps it in `bench/results/` as a table and as JSON.

    python -m bench.run [--quick] [--only guidance,serving,sizing,staff,growth,starting,editions] [--out FOLDER]

`--quick` takes shorter figures and leaves out the largest contents: for trying, so nothing is kept without `--out`.
Exit status 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import comparing, editing, growth, guidance, report, serving, sizing, staff, starting, walking
from bench.machine import load, machine, short_name
from service.content.models import Content
from service.editions.importing import import_content
from service.runtime.embedded import database
from service.settings import ROOT, Settings
from service.store.graph import Address, Graph
from tests.seed import seed

PARTS = ("starting", "guidance", "editions", "staff", "serving", "sizing", "growth")
RESULTS = ROOT / "bench" / "results"
SECONDS = 4.0
QUICK_SECONDS = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the parts; returns the exit status."""
    options = parser().parse_args(arguments)
    began = time.perf_counter()
    figures: dict[str, Any] = {"machine": machine(), "quick": options.quick}
    with TemporaryDirectory(prefix="bench-") as folder:
        figures |= measured(Path(folder), options.only, quick=options.quick)
    figures["machine"]["load_after"] = load()
    figures["seconds"] = time.perf_counter() - began
    text = report.markdown(figures)
    print(text)
    if options.out is not None or not options.quick:
        keep(figures, text, options.out or RESULTS)
    return 0 if all(met for *_, met in report.targets(figures)) else 1


def parser() -> argparse.ArgumentParser:
    """The arguments."""
    top = argparse.ArgumentParser(prog="bench", description="Measures the service on this machine.")
    top.add_argument("--quick", action="store_true", help="short figures, nothing kept")
    top.add_argument("--only", type=_parts, default=PARTS, metavar="PART,…", help=", ".join(PARTS))
    top.add_argument("--out", type=Path, metavar="FOLDER", help="where the results are kept")
    return top


def _parts(text: str) -> tuple[str, ...]:
    named = tuple(text.split(","))
    if not set(named) <= set(PARTS):
        raise argparse.ArgumentTypeError(f"parts are {', '.join(PARTS)}")
    return named


def measured(folder: Path, parts: Sequence[str], *, quick: bool) -> dict[str, Any]:
    """The figures of the parts. The service is started and stopped first, then a database is kept for the rest."""
    figures: dict[str, Any] = {}
    if "starting" in parts:
        _tell("start and stop")
        figures["starting"] = starting.measure(folder, again=1 if quick else 2)
    bench_settings = Settings(data_dir=folder / "data", neo4j_uri=None)
    with database(bench_settings, tell=_tell, command="bench") as address:
        content = seed()
        live = asyncio.run(_published(address, content))
        if "guidance" in parts:
            _tell("guidance query")
            figures["guidance"] = asyncio.run(_guidance(address, live, content))
        if "serving" in parts:
            _tell("over HTTP")
            seconds = QUICK_SECONDS if quick else SECONDS
            figures["serving"] = serving.measure(address, folder, content=content, seconds=seconds)
        if "sizing" in parts:
            _tell("sizing")
            seconds = QUICK_SECONDS if quick else SECONDS
            figures["sizing"] = sizing.measure(address, folder, content=content, seconds=seconds)
        if "growth" in parts:
            _tell("growth")
            figures["growth"] = growth.measure(address, quick=quick)
        if "staff" in parts:
            _tell("staff over HTTP")
            seconds = QUICK_SECONDS if quick else 2 * SECONDS
            # In the data directory of the database: there is the key of the history, without which nobody saves.
            figures["staff"] = staff.measure(address, folder / "data", content=content, seconds=max(seconds, 3.0))
        if "editions" in parts:
            _tell("editions")
            figures["editions"] = asyncio.run(_editions(address, live, content, quick=quick))
    return figures


async def _published(address: Address, content: Content) -> int:
    graph = Graph.open(address)
    try:
        return (await import_content(graph, content, publish=True, title="最初の版")).edition.number
    finally:
        await graph.close()


async def _guidance(address: Address, live: int, content: Content) -> dict[str, Any]:
    graph = Graph.open(address)
    try:
        return await guidance.measure(graph, live=live, content=content)
    finally:
        await graph.close()


async def _editions(address: Address, live: int, content: Content, *, quick: bool) -> dict[str, Any]:
    graph = Graph.open(address)
    try:
        figures = {"comparing": await comparing.measure(graph, live, content=content, quick=quick)}
        figures["walking"] = walking.measure()
        figures["editing"] = await editing.measure(graph, content, quick=quick)
        return figures
    finally:
        await graph.close()


def keep(figures: dict[str, Any], text: str, folder: Path) -> None:
    """Writes the table and the JSON, named by day and machine; a later run of the same day takes their place."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{figures['machine']['at'][:10]}-{short_name()}"
    (folder / f"{name}.md").write_text(text, encoding="utf-8")
    (folder / f"{name}.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _tell(f"kept in {folder / name}.md")


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
