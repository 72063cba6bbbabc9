"""`new-city`: the folder of another city, from six questions of which each may be left unanswered."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click
from pydantic import ValidationError

from service.cli.database import tell
from service.content.canonical import item_yaml
from service.content.field_errors import told
from service.content.loading import CITY_FILE
from service.errors import Refused
from service.guidance.municipality import Municipality

QUESTIONS: Mapping[str, str] = {
    "name": "市区町村の名前（例：みなと市）",
    "prefecture": "都道府県",
    "reading": "名前の読み方（ひらがな）",
    "address": "役所・役場の住所",
    "phone": "代表の電話番号",
    "site_url": "公式サイトのアドレス（https:// から）",
}
CONTENT_FILE = "content.yaml"

_CITY_HEAD = """\
# この案内が、どの市区町村のものか。書かなかったことは、わからないこととして、画面に出しません。
# ほかに書けること：hall（庁舎の名前）、desk（案内する窓口）、email、hours、closed_days と open_days（休みの例外）、
# support_phone、support_email、support_hours（この案内の使い方の問い合わせ先）
"""
_LAYER = """\
# この市区町村の層。全国の内容に加えること、変えることだけを書きます（書き方：ops/design/content-format.md の Layers）。
# まず窓口を書き、手続きに結びます。例：
#
# windows:
#   - {key: window-juusho, name: 窓口の名前, floor: 1階, phone: 電話番号, walking_order: 10, basis: city}
# procedures:
#   - {key: tennyu, handled_at: [window-juusho], basis: {windows: city}}
format: 2
"""


@click.command("new-city")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def new_city(folder: Path) -> None:
    """別の市区町村の案内を始めるフォルダーを作ります。

    6つのことをたずねます。どれも、わからなければ Enter だけで進めます。答えなかったことは書かれず、画面にも出ません。
    """
    files = folder / CITY_FILE, folder / CONTENT_FILE
    for file in files:
        if file.exists():
            raise Refused(f"{file} は、すでにあります。ほかのフォルダーを書いてください。")
    answers = {field: answer for field, text in QUESTIONS.items() if (answer := _ask(field, text))}
    folder.mkdir(parents=True, exist_ok=True)
    files[0].write_text(_CITY_HEAD + (item_yaml(answers) if answers else ""), encoding="utf-8")
    files[1].write_text(_LAYER, encoding="utf-8")
    for file in files:
        click.echo(str(file))
    tell(
        f"始めるとき： make serve CITY={folder}\n"
        "何を書き足すかは、職員用の画面の「指摘」と「確かめる」に、窓口ごとに出ます。"
    )


def _ask(field: str, text: str) -> str:
    """The answer, asked until the file may hold it; empty where nobody knows, also when the input has ended."""
    while True:
        print(f"{text}> ", end="", file=sys.stderr, flush=True)
        answer = sys.stdin.readline().strip()
        if not answer or (wrong := _wrong(field, answer)) is None:
            return answer
        tell(wrong)


def _wrong(field: str, answer: str) -> str | None:
    """Why an answer cannot stand in the file, None where it can."""
    try:
        Municipality.model_validate({field: answer})
    except ValidationError as error:
        return " ".join(message for _, message in told(error, Municipality))
    return None
