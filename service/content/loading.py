"""The content document: files or an upload as one checked `Content`, or all that is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from service.content.gathering import Gathered
from service.content.models import Content
from service.content.reading import MOST_BYTES, NO_EXCEL, ContentFile, read_file, too_many_bytes
from service.errors import InvalidContent, Problem

CITY_FILE = "municipality.yaml"
"""What may stand in the folder of a city and says who the city is: no content."""
CONTENT_ENDINGS = frozenset({".yaml", ".yml", ".json"})
EXCEL_ENDINGS = frozenset({".xlsx", ".xlsm", ".xls"})
DOCUMENT_ENDINGS = frozenset({".md", ".txt"})
"""What may stand beside a content and says something about it."""


def content_files(folder: Path) -> list[Path]:
    """The files of a folder that content is read from, by name; hidden files and documents beside it are no content.

    Errors: InvalidContent, which names every file of a kind that cannot be read: nothing is passed over in silence.
    """
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    files = [path for path in files if path.name != CITY_FILE]
    strange = [path for path in files if path.suffix.lower() not in CONTENT_ENDINGS | DOCUMENT_ENDINGS]
    if strange:
        endings = "、".join(sorted(CONTENT_ENDINGS))
        message = f"この種類のファイルは読めません。{endings} のどれかにするか、このフォルダーから出してください。"
        raise InvalidContent(
            [Problem(NO_EXCEL if path.suffix.lower() in EXCEL_ENDINGS else message, file=str(path)) for path in strange]
        )
    return [path for path in files if path.suffix.lower() in CONTENT_ENDINGS]


def read_files(paths: Sequence[Path]) -> Content:
    """The content of all files together, their lists joined; InvalidContent names every problem."""
    [files], problems = _files([paths])
    return _content([files], problems)


@dataclass(frozen=True, slots=True)
class Layered:
    """A content, and what the layers before the last one say by themselves; None where there is one layer alone."""

    content: Content
    beneath: Content | None = None


def read_folders(folders: Sequence[Path]) -> Layered:
    """The content of all folders, each a layer over those before it; InvalidContent names every problem."""
    return read_layers([content_files(folder) for folder in folders])


def read_layers(layers: Sequence[Sequence[Path]]) -> Layered:
    """The content of all layers, each the files of one; InvalidContent names every problem.

    What lies beneath the last layer has to be a content by itself.
    """
    files, problems = _files(layers)
    beneath = _content(files[:-1], problems) if len(files) > 1 else None
    return Layered(_content(files, problems), beneath)


def _files(layers: Sequence[Sequence[Path]]) -> tuple[list[list[ContentFile]], list[Problem]]:
    """The files of each layer, and why some of them cannot be read."""
    files: list[list[ContentFile]] = []
    problems: list[Problem] = []
    left = MOST_BYTES
    for paths in layers:
        files.append([])
        for path in paths:
            try:
                data = _bytes(path, left)
                left -= len(data)
                files[-1].append(read_file(data, str(path)))
            except InvalidContent as error:
                problems.extend(error.problems)
        if not paths:
            problems.append(Problem("読むファイルがありません。ファイルを指定してください。"))
    return files, problems


def read_bytes(data: bytes, name: str) -> Content:
    """The content of one upload called `name`; InvalidContent names every problem."""
    return _content([[read_file(data, name)]], [])


def read_plain(document: Mapping[str, Any]) -> Content:
    """The content of a document that is no file; InvalidContent names every problem, by item and not by line."""
    try:
        return read_bytes(json.dumps(document).encode(), "")
    except InvalidContent as error:
        problems = [replace(problem, file=None, line=None) for problem in error.problems]
        raise InvalidContent(problems) from None


def _bytes(path: Path, most: int) -> bytes:
    """The file's bytes; InvalidContent where it cannot be opened or is larger than `most`."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        message = f"ファイルを開けません（{error.strerror}）。名前と権限を確かめてください。"
        raise InvalidContent([Problem(message, file=str(path))]) from error
    if len(data) > most:
        raise InvalidContent([too_many_bytes(str(path))])
    return data


def _content(layers: Sequence[Sequence[ContentFile]], problems: list[Problem]) -> Content:
    """The checked content of all layers; `problems` are those that are already known."""
    gathered = Gathered()
    for files in layers:
        gathered.add_layer(files)
    content = gathered.content()
    problems = [*problems, *gathered.problems()]
    if problems:
        raise InvalidContent(problems)
    return content
