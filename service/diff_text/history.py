"""The history told: one change of the chain as a sentence with who, when and what.

「山田 花子が、手続き『転入届』の期限を「14日以内」から「15日以内」に変更しました。」
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from service import clock
from service.accounts.people import FORMER, is_account_id
from service.accounts.permissions import OPERATOR
from service.content import patches
from service.content.models import Edition
from service.diff_text.differences import ItemDifference, differences, summary

Fields = Mapping[str, Any]

_OTHERS = {"update": "新しい全国"}
"""What stands on the other side of a conflict where that is no edition."""
_NOBODY = "だれか"


@dataclass(frozen=True, slots=True)
class ChangeText:
    """One change in words.

    `what` is the sentence without its subject, `sentence` the whole; `day` and `time` are Japan's; `differences` tell
    in full what a save did, `decisions` whose version counts for each item that was in conflict. `note` is the reason
    that somebody typed, None where nobody did; `by` is the account id, `hash` that of the change.
    """

    seq: int
    edition: int
    action: str
    at: datetime
    by: str
    hash: str
    day: str
    time: str
    who: str
    what: str
    sentence: str
    note: str | None
    differences: tuple[ItemDifference, ...]
    decisions: tuple[str, ...] = ()

    @property
    def when(self) -> str:
        """「11月24日 14:05」; with the year where it is not the present one."""
        return f"{self.day} {self.time}"


@dataclass(frozen=True, slots=True)
class Around:
    """What the sentences name: items by key (`differences.names`), people by account id, editions by number.

    What is missing is called by its key, id or number; `today` decides whether days need their year.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    editions: Mapping[int, Edition] = field(default_factory=dict)
    today: date | None = None


def told(change: Fields, around: Around | None = None) -> ChangeText:
    """The change (the fields of a `Change` of the history) in words; one of an unknown action is told all the same."""
    context = around or Around()
    at = moment(change["at"])
    item_differences = tuple(differences(patches.read(change.get("before"), change.get("after")), context.names))
    edition_number = int(change["edition"])
    what = _ACTION_TEXTS.get(change["action"], _unknown_action)(change, item_differences, context)
    who = person(change.get("by"), context.people)
    return ChangeText(
        seq=int(change["seq"]),
        edition=edition_number,
        action=str(change["action"]),
        at=at,
        by=str(change.get("by") or ""),
        hash=str(change.get("hash") or ""),
        day=day(at, today=context.today),
        time=f"{at.hour}:{at:%M}",
        who=who,
        what=what,
        sentence=f"{who}が、{what}",
        note=change.get("note"),
        differences=item_differences,
        decisions=_decisions(change, item_differences, context),
    )


def moment(value: object) -> datetime:
    """The moment of a change in Japan's time; ValueError for what is none or names no time zone."""
    native = value.to_native() if hasattr(value, "to_native") else value
    instant = native if isinstance(native, datetime) else datetime.fromisoformat(str(native))
    if instant.tzinfo is None:
        raise ValueError(f"a moment needs its time zone: {value!r}")
    return instant.astimezone(clock.TOKYO)


def day(at: datetime, *, today: date | None = None) -> str:
    """「11月24日」, in another year than today's 「2025年11月24日」."""
    year = f"{at.year}年" if today is not None and at.year != today.year else ""
    return f"{year}{at.month}月{at.day}日"


def person(by: object, people: Mapping[str, str]) -> str:
    """What an account is called, also one that is gone; the one at the machine has no account."""
    if not by:
        return _NOBODY
    id = str(by)
    return people.get(id) or (OPERATOR.name if id == OPERATOR.id else FORMER if is_account_id(id) else id)


def edition_name(number: int, editions: Mapping[int, Edition]) -> str:
    """「第12版「夏の更新」」, without a title where it is not known."""
    edition = editions.get(number)
    return f"第{number}版" + (f"「{edition.title}」" if edition and edition.title else "")


def _edition_of(change: Fields, context: Around) -> str:
    return edition_name(int(change["edition"]), context.editions)


def _decisions(change: Fields, item_differences: tuple[ItemDifference, ...], context: Around) -> tuple[str, ...]:
    """Whose version counts for each item in conflict, a sentence each."""
    decided: Mapping[str, str] = json.loads(change.get("decisions") or "{}")
    called = {difference.key: difference.name for difference in item_differences} | dict(context.names)
    own_edition, source = change.get("replaces") or change["edition"], change.get("source")
    theirs = f"第{source}版" if source is not None else _OTHERS.get(change["action"], "その前の版")
    sides = {"mine": f"第{own_edition}版", "theirs": theirs}
    return tuple(f"『{called.get(key, key)}』は、{sides[side]}の内容にしました。" for key, side in decided.items())


def _import(change: Fields, item_differences: tuple[ItemDifference, ...], context: Around) -> str:
    return f"内容を取り込み、{_edition_of(change, context)}を作りました。"


def _fork(change: Fields, item_differences: tuple[ItemDifference, ...], context: Around) -> str:
    source = change.get("source")
    return (f"第{source}版から" if source is not None else "") + f"下書き {_edition_of(change, context)}を作りました。"


def _save(change: Fields, item_differences: tuple[ItemDifference, ...], context: Around) -> str:
    """One item in its own sentence; several counted, as the page shows each."""
    return f"{_content(item_differences)}しました。" if item_differences else "内容を変えずに保存しました。"


def _content(item_differences: tuple[ItemDifference, ...]) -> str:
    return item_differences[0].sentence if len(item_differences) == 1 else summary(item_differences)


def _and_content(opening: str, item_differences: tuple[ItemDifference, ...]) -> str:
    """What was done, and behind it what that did to the content."""
    return opening + (f"（{_content(item_differences)}）。" if item_differences else "。")


def _restore(change: Fields, item_differences: tuple[ItemDifference, ...], context: Around) -> str:
    seq, when = change.get("reverted"), "変更の前" if change.get("side") == "before" else "とき"
    named = f"{seq}番の{when}の状態" if seq is not None else "以前の状態"
    return _and_content(f"{named}に戻しました", item_differences)


def _take_back(change: Fields, item_differences: tuple[ItemDifference, ...], context: Around) -> str:
    seq = change.get("reverted")
    return _and_content(
        f"{seq}番の変更を取り消しました" if seq is not None else "前の変更を取り消しました", item_differences
    )


def _merge(change: Fields, item_differences: tuple[ItemDifference, ...], context: Around) -> str:
    source = change.get("source")
    named = f"第{source}版" if source is not None else "ほかの版"
    return _and_content(f"{named}の変更を取り入れました", item_differences)


def _confirm(change: Fields, item_differences: tuple[ItemDifference, ...], context: Around) -> str:
    return _and_content("自治体で確かめたことを記録しました", item_differences)


def _update(change: Fields, item_differences: tuple[ItemDifference, ...], context: Around) -> str:
    return _and_content("全国の内容の新しい版を取り入れました", item_differences)


def _on_whole_edition(closing: str) -> Callable[[Fields, tuple[ItemDifference, ...], Around], str]:
    """An act on a whole edition."""

    def say(change: Fields, item_differences: tuple[ItemDifference, ...], context: Around) -> str:
        return f"{_edition_of(change, context)}{closing}。"

    return say


def _schedule(change: Fields, item_differences: tuple[ItemDifference, ...], context: Around) -> str:
    named = _edition_of(change, context)
    if change.get("publish_at"):
        begins = moment(change["publish_at"])
        when = f"{day(begins, today=context.today)} {begins.hour}:{begins:%M}"
        sentence = f"{named}を{when}に公開するよう予約しました"
    else:
        sentence = f"{named}の公開を予約しました"
    replaced = change.get("replaces")
    if replaced is None:
        return f"{sentence}。"
    return f"{sentence}（第{replaced}版の予約を、{_built_on(change)}作り直したものです）。"


def _withdraw(change: Fields, item_differences: tuple[ItemDifference, ...], context: Around) -> str:
    named, successor = _edition_of(change, context), change.get("replaced_by")
    if successor is None:
        return f"{named}の公開の予約を取り消しました。"
    return f"{named}の公開の予約を、{_built_on(change)}作り直した第{successor}版に引き継ぎました。"


def _built_on(change: Fields) -> str:
    """On which edition a scheduled edition was built anew, because that one comes before it now."""
    source = change.get("source")
    return f"第{source}版をもとに" if source is not None else ""


def _rollback(change: Fields, item_differences: tuple[ItemDifference, ...], context: Around) -> str:
    source = change.get("source")
    named = f"第{source}版" if source is not None else "以前の版"
    return f"{named}の内容に戻し、{_edition_of(change, context)}として公開しました。"


def _unknown_action(change: Fields, item_differences: tuple[ItemDifference, ...], context: Around) -> str:
    """An action that this release does not know."""
    content = f"（{_content(item_differences)}）" if item_differences else ""
    return f"{_edition_of(change, context)}で「{change['action']}」を行いました{content}。"


_ACTION_TEXTS: Mapping[str, Callable[[Fields, tuple[ItemDifference, ...], Around], str]] = {
    "import": _import,
    "fork": _fork,
    "save": _save,
    "remove": _save,
    "restore": _restore,
    "take_back": _take_back,
    "merge": _merge,
    "confirm": _confirm,
    "update": _update,
    "publish": _on_whole_edition("を公開しました"),
    "schedule": _schedule,
    "withdraw": _withdraw,
    "rollback": _rollback,
    "discard": _on_whole_edition("を破棄しました"),
    "archive": _on_whole_edition("を保管庫に移しました"),
    "bring_back": _on_whole_edition("を保管庫から戻しました"),
}
ACTIONS = tuple(_ACTION_TEXTS)
"""The actions that have words of their own."""
