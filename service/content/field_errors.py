"""What is wrong with an item, in words that staff can act on: pydantic's findings told in Japanese."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from service.content.fields import Place, fields_of
from service.content.reading import shown

_SENTENCES = {
    "missing": "「{field}」がありません。書いてください。",
    "string_type": "文字で書いてください。数や true などに見えるものは引用符で囲みます。",
    "string_unicode": "文字にならない符号（サロゲート）があります。書き直してください。",
    "string_too_short": "空です。書くか、項目ごと消してください。",
    "string_too_long": "長すぎます（{max_length:,}文字まで）。短くしてください。",
    "literal_error": "{choices} のどれかを書いてください。",
    "int_type": "半角の整数で書いてください（引用符は付けません）。",
    "bool_type": "true か false を書いてください（引用符は付けません）。",
    "list_type": "リストで書いてください（例: [a, b]。かっこは半角です）。",
    "dict_type": "項目名と値の組で書いてください（例: {{a: b}}）。",
    "model_type": "項目名と値の組で書いてください（例: {{a: b}}）。",
    "too_short": "{min_length}つ以上書いてください。",
    "greater_than_equal": "{ge:,}以上にしてください。",
    "less_than_equal": "{le:,}以下にしてください。",
    "unprintable": "使えない文字（{code}）があります。消してください。",
    "decomposed": "濁点などが分かれた文字があります。入力し直してください（UnicodeのNFC）。",
    "blank": "空白だけです。書くか、項目ごと消してください。",
    "day": "この日は暦にありません。日付を確かめてください。",
    "basis": "law、city、elsewhere のどれか1語か、{{duty: law, documents: city}} のように組ごとに書いてください。",
    "source": "出典には、url（アドレス）か title（題名）を書いてください。",
    "period_empty": "期間には、opens（始まり）か closes（終わり）の日を書いてください。",
    "period_turned": "期間の終わり（closes）が始まり（opens）より前です。日付を確かめてください。",
}
_PATTERNS = (
    ("https", "http:// か https:// とサーバーの名前で始まるアドレスを、空白と「名前@」なしで書いてください。"),
    ("[0-9]{4}", "日付は 2026-04-01 の形で書いてください。"),
    ("/", "選択肢のキーは「質問のキー/選択肢の名前」です。英小文字、数字、ハイフンで書いてください。"),
    ("", "キーは英小文字、数字、ハイフンで書いてください（例: moving-in）。"),
)


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One thing wrong at a place of a document, and what to do; `key` is the item's, where it has one."""

    place: Place
    message: str
    key: str | None = None


def told(error: ValidationError, model: type[BaseModel]) -> list[tuple[Place, str]]:
    """Each finding as its place inside the value and a Japanese sentence."""
    details = error.errors(include_url=False, include_input=False)
    return [
        (_place(detail["loc"]), _sentence(detail["type"], detail["loc"], detail.get("ctx") or {}, model))
        for detail in details
        if not _is_second_opinion(detail["loc"])
    ]


def unknown_field(name: str, known: Iterable[str]) -> str:
    """What is said of a field that does not exist, with the one that was probably meant."""
    near = get_close_matches(name[:100], list(known), n=1)
    advice = f"「{near[0]}」ではありませんか。" if near else "消してください。"
    return f"「{shown(name[:100])}」という項目はありません。{advice}"


def _is_second_opinion(place: Place) -> bool:
    """A scenario's answer is a list or a word; what is no list is told once."""
    return len(place) > 2 and place[0] == "answers" and str(place[2]).startswith("literal")


def _place(place: Place) -> Place:
    """The place in the document, without pydantic's own marks inside a scenario's answers."""
    return place[:2] + place[3:] if len(place) > 2 and place[0] == "answers" else place


def _sentence(code: str, place: Place, values: Mapping[str, Any], model: type[BaseModel]) -> str:
    if code == "extra_forbidden":
        return unknown_field(str(place[-1]), _names(model, place[:-1]))
    if code == "string_pattern_mismatch":
        return next(text for sign, text in _PATTERNS if sign in values["pattern"])
    if code == "list_type" and place[0] == "answers":
        return "選択肢のキーのリスト（選ばないなら []）か、unsure を書いてください。"
    choices = "、".join(re.findall(r"'([^']*)'", str(values.get("expected", ""))))
    sentence = _SENTENCES.get(code, "この値は使えません。書き方を確かめてください。")
    return sentence.format(**values, choices=choices, field=place[-1] if place else "")


def _names(model: type[BaseModel], place: Place) -> list[str]:
    """The fields that may stand at a place inside the model."""
    for part in place:
        entry = fields_of(model).get(str(part))
        model = entry.inner if entry and entry.inner else model
    return list(fields_of(model))
