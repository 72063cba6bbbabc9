"""What this machine has, what it lacks, and what to do about it."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from service.errors import GuideError
from service.runtime import class_data, embedded, jars, java, jvm, lockfile
from service.settings import Settings
from service.store.graph import answers

FREE_BYTES = 1_000_000_000
Mark = Literal["ok", "later", "bad"]
SIGNS: dict[Mark, str] = {"ok": "○", "later": "・", "bad": "×"}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing looked at: `later` is not there yet and comes by itself, `bad` prevents a start."""

    mark: Mark
    what: str
    todo: str = ""

    def __str__(self) -> str:
        return f"{SIGNS[self.mark]} {self.what}" + (f"\n    → {self.todo}" if self.todo else "")


def examine(settings: Settings) -> Iterator[Diagnosis]:
    """Every finding, in the order in which a start needs the things. Nothing is changed or fetched."""
    yield Diagnosis("ok", f"Python {sys.version.split()[0]}（{sys.executable}）")
    yield from _folders(settings)
    yield from _room(settings)
    if settings.neo4j_uri is not None:
        yield _external(settings)
    else:
        yield from _java(settings)
        yield from _database(settings)
    yield _content(settings)
    yield _port(settings)


def _folders(settings: Settings) -> Iterator[Diagnosis]:
    folders = (
        ("データの場所", embedded.data_dir(settings), "TETSUZUKI_DATA_DIR"),
        ("キャッシュ", settings.cache_dir.expanduser().resolve(), "TETSUZUKI_CACHE_DIR"),
    )
    for name, folder, setting in folders:
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        if not (existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)):
            yield Diagnosis("bad", f"{name} {folder} に書き込めません", f"{setting} で場所を変えてください。")
        elif shutil.disk_usage(existing).free < FREE_BYTES:
            yield Diagnosis(
                "bad", f"{name} {folder} の空きが 1 GB ありません", f"空けるか、{setting} で場所を変えてください。"
            )
        else:
            yield Diagnosis("ok", f"{name} {folder}")


def _room(settings: Settings) -> Iterator[Diagnosis]:
    """Whether writes are refused because the disk with the store is too full; nothing where all is well."""
    try:
        space = embedded.space(settings)
    except GuideError as error:
        yield Diagnosis("bad", error.message)
        return
    if space is not None and space.folder.exists() and space.is_short():
        yield Diagnosis(
            "bad",
            f"職員の変更と取り込みを断ります。{space.sentence()}",
            "ディスクを空けてください（必要な空きは TETSUZUKI_STORE_FREE_BYTES で決まります）。",
        )


def _java(settings: Settings) -> Iterator[Diagnosis]:
    """The Java, and what depends on which one it is."""
    candidate = java.found(settings) if settings.java is None else java.probe(settings.java)
    if settings.java is not None and (candidate is None or candidate.release not in java.SUPPORTED):
        yield Diagnosis("bad", f"{settings.java} は Java 17・21 ではありません", "TETSUZUKI_JAVA を確かめてください。")
        return
    if candidate is None:
        yield Diagnosis("later", "Java 17・21 がありません", "最初の起動のときに PyPI から取得します。")
        return
    yield Diagnosis("ok", f"Java {candidate.release}（{candidate.program}）")
    archive = class_data.path(jvm.Software(candidate, jars.library(settings)))
    if archive.exists():
        yield Diagnosis("ok", f"速い起動の準備（{archive.stat().st_size / 1e6:.0f} MB）")
    else:
        yield Diagnosis("later", "速い起動の準備がありません", "最初の起動のときに作ります。")


def _database(settings: Settings) -> Iterator[Diagnosis]:
    locked_jars = jars.locked()
    folder = jars.library(settings)
    damaged = jars.damaged(folder, locked_jars)
    name = f"Neo4j {jars.version(locked_jars)}（{folder}）"
    if damaged and len(damaged) == len(jars.missing(folder, locked_jars)):
        yield Diagnosis(
            "later", f"{name}：{len(locked_jars)} 個のうち {len(damaged)} 個がありません", _fetch_words(settings)
        )
    elif damaged:
        names = "、".join(jar.name for jar in damaged[:3])
        yield Diagnosis("bad", f"{name}：壊れたファイルがあります（{names}）", "消してから、もう一度起動してください。")
    else:
        yield Diagnosis("ok", f"{name}：{len(locked_jars)} 個、ハッシュ一致")
    yield _store(embedded.data_dir(settings))


def _fetch_words(settings: Settings) -> str:
    return f"最初の起動のときに {jars.base_url(settings)} から取得します。"


def _store(folder: Path) -> Diagnosis:
    """The embedded database of the data directory."""
    home = folder / "neo4j"
    holder = lockfile.holder(folder)
    if holder is not None and lockfile.is_alive(holder):
        return Diagnosis("ok", f"データベースは動いています：{holder}")
    if not (home / "data").exists():
        return Diagnosis("later", "データベースはまだありません", "最初の起動のときに作ります。")
    try:
        jvm.password(home)
    except GuideError as error:
        return Diagnosis("bad", error.message)
    return Diagnosis("ok", "データベースは止まっています")


def _external(settings: Settings) -> Diagnosis:
    try:
        address = embedded.external(settings)
        is_answering = asyncio.run(answers(address))
    except GuideError as error:
        return Diagnosis("bad", error.message)
    if is_answering:
        return Diagnosis("ok", f"データベース {address.uri} が答えます")
    return Diagnosis(
        "bad", f"データベース {address.uri} が答えません", "TETSUZUKI_NEO4J_ で始まる設定を確かめてください。"
    )


def _content(settings: Settings) -> Diagnosis:
    """The first edition and the municipality, which only matter to a store without an edition."""
    lacking = [str(path) for path in (settings.municipality_file, *settings.layers) if not path.exists()]
    if lacking:
        todo = "TETSUZUKI_CITY（または TETSUZUKI_MUNICIPALITY と TETSUZUKI_SEED）を確かめてください。"
        return Diagnosis("bad", f"内容のファイルがありません：{'、'.join(lacking)}", todo)
    return Diagnosis("ok", f"最初の版の内容 {'、'.join(map(str, settings.layers))}")


def _port(settings: Settings) -> Diagnosis:
    """Whether something answers on the port already."""
    holder = lockfile.holder(embedded.data_dir(settings))
    host = settings.host if settings.host not in {"", "0.0.0.0", "::"} else "127.0.0.1"
    try:
        socket.create_connection((host, settings.port), timeout=1).close()
    except OSError:
        return Diagnosis("ok", f"ポート {settings.port} は空いています")
    if holder is not None and lockfile.is_alive(holder) and holder.web:
        return Diagnosis("ok", f"ポート {settings.port} で案内を提供しています")
    return Diagnosis("bad", f"ポート {settings.port} は使われています", f"例：make serve PORT={settings.port + 1}")
