"""Calendar entries: what a calendar reads from them, that they stay the same, and that they tell nothing of answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from icalendar import Calendar

from service.content.models import Document, Procedure, Window
from service.guidance.calendar import PRODUCT
from service.guidance.cards import Bring, Card, CardDue, CardFacts, Groups, settled_together
from service.guidance.deadlines import Due, OpeningDays, due
from service.web.residents.calendar import plan_day, planned, result_calendar

MOMENT = datetime(2026, 12, 1, 9, 0, 0, 123, tzinfo=UTC)
OFFICE = Window(key="window-a", name="市民課", building="市役所")
PAPERS = (
    Bring(Document(key="doc-a", name="本人確認書類", copies=2)),
    Bring(Document(key="doc-b", name="登録証"), False, ("登録していた方",)),
)
FIELDS = {"value": 14, "unit": "day", "from": "住み始めた日", "from_event": "moving-in", "next_opening_day": "yes"}


def procedure(key: str = "move-in", name: str = "転入届; 家族, みんな", **given: Any) -> Procedure:
    return Procedure.model_validate({"key": key, "name": name, "deadline": FIELDS, "fee": "300円"} | given)


def card(one: Procedure, day: date | None = date(2026, 12, 1), **given: Any) -> Card:
    return Card(CardFacts(1, one, (OFFICE,)), "applies", CardDue(day) if day else None, bring=PAPERS, **given)


def due_of(one: Procedure, day: date) -> Due:
    assert one.deadline is not None
    found = due(one.deadline, day, OpeningDays())
    assert found is not None
    return found


def written(
    day: date = date(2026, 12, 18),
    *,
    moment: datetime = MOMENT,
    base: str = "https://guide.example.jp",
    city: str = "総社市",
    life_events: tuple[str, ...] = ("moving-in",),
    one: Card | None = None,
) -> bytes:
    one = one or card(procedure())
    dues = {one.key: due_of(one.facts.procedure, day)}
    return result_calendar(Groups((one,)), dues, life_events=life_events, city=city, base=base, moment=moment)


def entries(text: bytes) -> list[Any]:
    return list(Calendar.from_ical(text).walk("VEVENT"))


def test_an_entry_as_a_calendar_reads_it() -> None:
    (entry,) = entries(written())
    assert entry.decoded("DTSTART") == date(2026, 12, 28)
    assert str(entry["SUMMARY"]) == "転入届; 家族, みんな 2026年12月28日（月）まで"
    assert str(entry["URL"]) == "https://guide.example.jp/procedures/move-in"
    assert str(entry["LOCATION"]) == "市民課 市役所"
    assert entry.decoded("DTSTAMP") == MOMENT.replace(microsecond=0)
    (alarm,) = entry.walk("VALARM")
    assert alarm.decoded("TRIGGER") == timedelta(hours=-15)


def test_the_description_tells_papers_and_fee() -> None:
    description = str(entries(written())[0]["DESCRIPTION"])
    assert "持ち物：本人確認書類 2通、登録証（登録していた方）" in description.split("\n")
    assert "費用：300円" in description.split("\n")
    nothing = replace(card(procedure(needs=[], fee=None)), bring=())
    told = str(entries(written(one=nothing))[0]["DESCRIPTION"])
    assert "持っていくものはありません。" in told and "費用" not in told
    nowhere = replace(card(procedure()), facts=CardFacts(1, procedure()))
    assert "LOCATION" not in entries(written(one=nowhere))[0]


def test_the_description_tells_the_rule_and_the_closed_days() -> None:
    description = str(entries(written())[0]["DESCRIPTION"])
    for words in ("住み始めた日から14日以内", "12月31日（木）", "1月4日（月）", "早いほうの日", "/procedures/move-in"):
        assert words in description
    assert "<" not in description


def test_it_is_a_calendar_of_whole_days_in_the_right_form() -> None:
    text = written()
    assert b"DTSTART;VALUE=DATE:20261228\r\n" in text
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    book = Calendar.from_ical(text)
    assert (str(book["PRODID"]), str(book["VERSION"]), str(book["METHOD"])) == (
        PRODUCT,
        "2.0",
        "PUBLISH",
    )
    assert "総社市" in str(book["X-WR-CALNAME"])


def test_the_same_entry_taken_again_moves() -> None:
    """A mistyped day that was corrected: the same UID, and newer (RFC 5545, 3.8.7.4)."""
    assert written() == written()
    before, after = entries(written())[0], entries(written(date(2026, 12, 1), moment=MOMENT + timedelta(minutes=1)))[0]
    assert before["UID"] == after["UID"] and before.decoded("DTSTART") != after.decoded("DTSTART")
    assert after["SEQUENCE"] > before["SEQUENCE"] > 0 and after.decoded("DTSTAMP") > before.decoded("DTSTAMP")
    assert int(entries(written(moment=datetime(2086, 1, 1, tzinfo=UTC)))[0]["SEQUENCE"]) < 2**31


def test_the_uid_is_of_city_procedure_and_life_event_alone() -> None:
    (one,) = entries(written())
    same = (
        written(base="http://127.0.0.1:8000"),
        written(date(2026, 11, 2)),
        written(life_events=("birth", "moving-in")),
    )
    assert {str(entries(text)[0]["UID"]) for text in same} == {str(one["UID"])}
    other = procedure(deadline=FIELDS | {"from_event": ["moving-in", "birth"]})
    different = (
        written(city="倉敷市"),
        written(one=card(procedure("another"))),
        written(one=card(other), life_events=("birth",)),
    )
    assert len({str(entries(text)[0]["UID"]) for text in (written(), *different)}) == 4


def test_entries_stand_by_day_then_key_and_only_where_there_is_a_day() -> None:
    days = {"b": date(2026, 4, 1), "c": date(2026, 4, 1), "a": date(2026, 4, 9)}
    cards = [card(procedure(key, key), days.get(key)) for key in ("c", "b", "a", "undated")]
    dues = {key: due_of(procedure(key), day) for key, day in days.items()}
    text = result_calendar(
        Groups(tuple(cards)), dues, life_events=(), city="総社市", base="http://localhost:8000", moment=MOMENT
    )
    assert [str(entry["URL"]).rpartition("/")[2] for entry in entries(text)] == ["b", "c", "a"]


def test_without_days_the_calendar_is_empty_but_whole() -> None:
    text = result_calendar(Groups(), {}, life_events=(), city="総社市", base="http://localhost:8000", moment=MOMENT)
    assert entries(text) == []
    assert text.endswith(b"END:VCALENDAR\r\n")


def test_what_another_procedure_settles_in_time_has_no_entry() -> None:
    def own(key: str, day: date | None, **fields: object) -> Card:
        made = procedure(key).model_copy(update=fields)
        return Card(CardFacts(1, made), "applies", CardDue(day) if day else None)

    early, late = date(2026, 4, 1), date(2026, 4, 9)
    settled = [own("with", late, done_with=["main"]), own("sooner", early, done_with=["main"])]
    groups = settled_together(Groups(must=(own("main", date(2026, 4, 5)), *settled), no_action=(own("news", early),)))
    assert [one.key for one in planned(groups)] == ["main", "sooner"]


def test_without_an_opening_day_the_last_day_itself_is_taken() -> None:
    closed = Due(date(2026, 5, 4), None, None, False)
    assert plan_day(closed) == date(2026, 5, 4)
    assert plan_day(replace(closed, go_by=date(2026, 5, 1))) == date(2026, 5, 1)
