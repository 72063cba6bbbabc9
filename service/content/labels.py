"""What every field of every kind of item is called in Japanese, and how its values read: for officials, not residents.

The fields are those of the content document (`ops/design/content-format.md`) under their names there; a test compares
the tables with `models`, so that a new field cannot be without a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel

from service.content.models import (
    Condition,
    Deadline,
    Document,
    Kind,
    Law,
    LifeEvent,
    Method,
    Option,
    Procedure,
    Question,
    Scenario,
    Strict,
    Term,
    Window,
)

Shape = Literal[
    "key",
    "text",
    "number",
    "day",
    "choice",
    "words",
    "item",
    "items",
    "options",
    "clauses",
    "answers",
    "deadline",
    "method",
]
"""What a field holds: `words` are plain texts without order, `items` keys of others, the rest is as its model says."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a field is called; `words` are the values of a choice, `unit` stands behind a number."""

    name: str
    shape: Shape = "text"
    words: Mapping[Any, str] = field(default_factory=dict)
    unit: str = ""


def _choice(name: str, words: Mapping[Any, str]) -> Label:
    return Label(name, "choice", MappingProxyType(dict(words)))


_KEY = Label("キー", "key")
_NAME = Label("名前")
_POSITION = Label("並び順", "number")
_POSSIBLE = {"yes": "可", "no": "不可", "unknown": "要確認"}
_STATUS = _choice("確認の状態", {"verified": "確認済み", "unverified": "未確認"})
_SOURCE_URL = Label("出典のアドレス")
_CHECKED_ON = Label("確認した日", "day")

MODELS: Mapping[Kind, type[Strict]] = MappingProxyType(
    {
        Kind.LIFE_EVENT: LifeEvent,
        Kind.QUESTION: Question,
        Kind.OPTION: Option,
        Kind.CONDITION: Condition,
        Kind.PROCEDURE: Procedure,
        Kind.DOCUMENT: Document,
        Kind.WINDOW: Window,
        Kind.TERM: Term,
        Kind.LAW: Law,
        Kind.SCENARIO: Scenario,
    }
)
"""The model of each kind."""

NAMED_BY: Mapping[Kind, str] = MappingProxyType(
    {kind: "name" for kind in Kind}
    | {Kind.QUESTION: "text", Kind.OPTION: "label", Kind.CONDITION: "label", Kind.TERM: "term"}
)
"""The field that an item is called by."""

DEADLINE: Mapping[str, Label] = MappingProxyType(
    {
        "value": Label("期限", "number"),
        "unit": _choice(
            "期限の単位",
            {"day": "日", "month": "か月", "year": "年", "day_before": "日前", "day_of_previous_month": "前の月の日"},
        ),
        "from": Label("期限を数え始める日"),
        "from_event": Label("期限の日をたずねるライフイベント", "item"),
        "first_day_counts": _choice("期限の初日", {True: "数える", False: "数えない", "unknown": "要確認"}),
        "next_opening_day": _choice(
            "期限の日が休みのとき", {"yes": "次に開く日まで受け付ける", "no": "延びない", "unknown": "要確認"}
        ),
        "kind": _choice(
            "期限の種類",
            {
                "legal": "法律などで決まった期限",
                "claim": "過ぎると受け取れない",
                "irreversible": "過ぎるとできなくなる",
                "before_action": "その前にする",
                "practical": "めやす",
                "none": "期限の定めなし",
            },
        ),
        "note": Label("期限の補足"),
    }
)
"""The fields inside a deadline; value and unit are told together."""

METHOD: Mapping[str, Label] = MappingProxyType({"is": _choice("可否", _POSSIBLE), "note": Label("補足")})
"""The fields inside a way of applying; the name of the way stands before them."""

_PROCEDURE = {
    "key": _KEY,
    "name": _NAME,
    "reading": Label("読み方"),
    "synonyms": Label("別の呼び名", "words"),
    "summary": Label("説明"),
    "nature": _choice("区分", {"duty": "必要な手続き", "benefit": "受け取れるもの", "option": "希望する人の手続き"}),
    "field": Label("分野"),
    "url": Label("制度のページ"),
    "online_url": Label("電子申請のアドレス"),
    "form_url": Label("用紙のアドレス"),
    "postal": Label("郵送", "method"),
    "proxy": Label("代理", "method"),
    "online": Label("オンライン", "method"),
    "prepare_in_advance": Label("事前の準備", "method"),
    "fee": Label("費用"),
    "duration_minutes": Label("かかる時間", "number", unit="分"),
    "deadline": Label("期限", "deadline"),
    "consequence": Label("遅れたとき"),
    "note": Label("補足"),
    "status": _STATUS,
    "source": Label("出典"),
    "source_url": _SOURCE_URL,
    "checked_on": _CHECKED_ON,
    "review_by": Label("見直す期日", "day"),
    "scope": _choice(
        "情報の範囲",
        {"national": "全国共通", "prefecture": "都道府県", "city": "この市", "example": "ほかの市の例"},
    ),
    "needs": Label("必要書類", "items"),
    "handled_at": Label("窓口", "items"),
    "follows": Label("先にする手続き", "items"),
    "governed_by": Label("根拠法令", "items"),
}

LABELS: Mapping[Kind, Mapping[str, Label]] = MappingProxyType(
    {
        Kind.LIFE_EVENT: {
            "key": _KEY,
            "name": _NAME,
            "summary": Label("説明"),
            "icon": Label("アイコン"),
            "position": _POSITION,
            "date_label": Label("日付の呼び名"),
        },
        Kind.QUESTION: {
            "key": _KEY,
            "text": Label("質問文"),
            "kind": _choice("選び方", {"one": "1つだけ", "many": "いくつでも"}),
            "options": Label("選択肢", "options"),
            "help": Label("説明"),
            "section": Label("見出し"),
            "position": _POSITION,
            "unsure": _choice("「わからない」", {True: "選べる", False: "選べない"}),
            "asked_after": Label("前提となる答え", "items"),
        },
        Kind.OPTION: {"key": _KEY, "label": Label("文"), "help": Label("説明")},
        Kind.CONDITION: {
            "key": _KEY,
            "label": _NAME,
            "life_events": Label("ライフイベント", "items"),
            "requires": Label("あてはまる答え", "clauses"),
            "excludes": Label("除く答え", "items"),
            "selects": Label("手続き", "items"),
            "needs": Label("必要書類", "items"),
        },
        Kind.PROCEDURE: _PROCEDURE,
        Kind.DOCUMENT: {
            "key": _KEY,
            "name": _NAME,
            "help": Label("説明"),
            "copies": Label("必要な数", "number", unit="通"),
            "who_has_it": Label("持っている人・もらう所"),
            "form_url": Label("用紙のアドレス"),
        },
        Kind.WINDOW: {
            "key": _KEY,
            "name": _NAME,
            "building": Label("建物"),
            "floor": Label("階"),
            "counter": Label("窓口の番号"),
            "phone": Label("電話番号"),
            "email": Label("メールアドレス"),
            "hours": Label("受付時間"),
            "closed": Label("休みの日"),
            "walking_order": Label("庁舎内で回る順番", "number"),
            "map_url": Label("地図のアドレス"),
            "status": _STATUS,
            "source_url": _SOURCE_URL,
            "checked_on": _CHECKED_ON,
        },
        Kind.TERM: {"key": _KEY, "term": Label("言葉"), "reading": Label("読み方"), "meaning": Label("意味")},
        Kind.LAW: {
            "key": _KEY,
            "name": _NAME,
            "article": Label("条"),
            "url": Label("条文のアドレス"),
            "in_force_from": Label("施行日", "day"),
            "in_force_until": Label("失効日", "day"),
        },
        Kind.SCENARIO: {
            "key": _KEY,
            "name": _NAME,
            "life_events": Label("ライフイベント", "items"),
            "answers": Label("答え", "answers"),
            "expects": Label("出るはずの手続き", "items"),
            "rules_out": Label("出ないはずの手続き", "items"),
            "note": Label("メモ"),
        },
    }
)
"""Every field of every kind, in the order in which its changes are told."""


def defaults(model: type[BaseModel]) -> dict[str, Any]:
    """What a field means where the canonical document leaves it out; fields without a meaning then are not in it."""
    made: dict[str, Any] = {}
    for name, entry in model.model_fields.items():
        value = None if entry.is_required() else entry.default
        if isinstance(value, Method):
            value = value.is_
        if value is not None:
            made[entry.alias or name] = value
    return made


DEFAULTS: Mapping[Kind, Mapping[str, Any]] = MappingProxyType({kind: defaults(one) for kind, one in MODELS.items()})
"""The meaning of what the canonical form leaves out, by kind."""

DEADLINE_DEFAULTS: Mapping[str, Any] = MappingProxyType(defaults(Deadline) | {"first_day_counts": "unknown"})
"""The same inside a deadline; a first day of which nothing is said is unknown."""
