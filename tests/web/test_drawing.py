"""Drawings: no boxes on top of each other, few crossing lines, names in lines, and never too many boxes."""

from __future__ import annotations

from itertools import combinations, pairwise

import hypothesis.strategies as st
from hypothesis import given

from service.analysis.event_map import Through, event_map
from service.content import patches
from service.content.flow import Link
from service.content.loading import read_plain
from service.diff_text import differences
from service.editions.surroundings import Surroundings
from service.store.neighbourhood import Group, Neighbour, Neighbourhood, Tie
from service.web.staff.drawing import Box, Drawing, Line, drawing, wrapped
from service.web.staff.event_map import _Maker
from service.web.staff.neighbours import MOST_BOXES, MOST_OF_A_KIND, drawn, listed

LINK = Link("SELECTS", "Condition", "Procedure", "欄", field="selects")


def _box(name: str, column: int) -> Box:
    return Box(name, column, "手続き", name, f"/{name}", "kind-procedure")


def _overlap(found: Drawing) -> bool:
    return any(
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
        for one, other in combinations(found.boxes, 2)
    )


@given(st.lists(st.integers(-2, 2), min_size=1, max_size=40), st.data())
def test_boxes_never_touch_and_all_is_inside(columns: list[int], data: st.DataObject) -> None:
    boxes = [_box(f"b{index}", column) for index, column in enumerate(columns)]
    pairs = st.tuples(st.sampled_from(boxes), st.sampled_from(boxes))
    lines = [Line(one.id, other.id) for one, other in data.draw(st.lists(pairs, max_size=60))]
    found = drawing(boxes, lines)
    assert not _overlap(found)
    assert {placed.box.id for placed in found.boxes} == {box.id for box in boxes}
    assert all(placed.x >= 0 and placed.x + placed.width <= found.width for placed in found.boxes)
    assert all(placed.y >= 0 and placed.y + placed.height <= found.height for placed in found.boxes)
    assert len(found.lines) == sum(line.start != line.end for line in lines)


def test_columns_stand_from_left_to_right() -> None:
    found = drawing([_box("late", 1), _box("early", -2), _box("middle", 0)], [])
    assert [placed.box.id for placed in sorted(found.boxes, key=lambda placed: placed.x)] == ["early", "middle", "late"]


def test_lines_that_need_not_cross_do_not() -> None:
    boxes = [_box(name, column) for column, names in ((0, "abcd"), (1, "wxyz")) for name in names]
    found = drawing(boxes, [Line("a", "z"), Line("b", "y"), Line("c", "x"), Line("d", "w")])
    down = {placed.box.id: placed.y for placed in found.boxes}
    assert all(
        (down[one.line.start] < down[other.line.start]) == (down[one.line.end] < down[other.line.end])
        for one, other in combinations(found.lines, 2)
    )


def test_a_line_to_what_is_not_drawn_is_left_out() -> None:
    assert drawing([_box("a", 0)], [Line("a", "gone")]).lines == ()


def test_names_are_wrapped_and_long_ones_end_with_an_ellipsis() -> None:
    assert wrapped("転入届") == ["転入届"]
    assert wrapped("国民健康保険の資格確認書の返納") == ["国民健康保険の資格確認", "書の返納"]
    assert all(not line.startswith(("」", "、")) for line in wrapped("あ" * 11 + "」、" + "い" * 9))
    assert wrapped("介護の認定の引き継ぎ（転入）") == ["介護の認定の引き継ぎ", "（転入）"]
    long = wrapped("あ" * 200)
    assert len(long) == 4 and long[-1].endswith("…")


def _group(step: int, kind: str, count: int, *, total: int | None = None, other: str = "m") -> Group:
    found = [
        Neighbour(f"{kind.lower()}{step}-{index:03}", f"{kind} {index}", "", (Tie(other, (LINK,)),))
        for index in range(count)
    ]
    return Group(step, kind, count if total is None else total, tuple(found))


def _surroundings(*groups: Group) -> Surroundings:
    return Surroundings(Neighbourhood("m", "Procedure", "まんなか", groups))


def _kinds(found: Drawing) -> dict[str, int]:
    counts: dict[str, int] = {}
    for placed in found.boxes:
        counts[placed.box.style] = counts.get(placed.box.style, 0) + 1
    return counts


def _left_out(found: Drawing) -> list[str]:
    return [placed.box.name for placed in found.boxes if "more" in placed.box.style]


def test_the_middle_is_the_focus_and_every_box_leads_somewhere() -> None:
    found = drawn(_surroundings(_group(-1, "Condition", 2), _group(1, "Window", 1)), "/at")
    assert [placed.box.id for placed in found.boxes if placed.box.is_focus] == ["m"]
    assert {placed.box.href for placed in found.boxes} == {
        "/at/m",
        "/at/condition-1-000",
        "/at/condition-1-001",
        "/at/window1-000",
    }
    assert [(one.line.start, one.line.end) for one in found.lines][-1] == ("m", "1 window1-000")


def test_few_are_drawn_whole() -> None:
    found = drawn(_surroundings(_group(-1, "Condition", 3), _group(-2, "Option", 9, other="condition-1-000")), "/at")
    assert len(found.boxes) == 13 and not _left_out(found)


def test_many_of_a_kind_are_cut_and_counted() -> None:
    found = drawn(_surroundings(_group(-1, "Condition", 60, total=412), _group(1, "Window", 2)), "/at")
    assert _left_out(found) == [f"ほか{412 - MOST_OF_A_KIND}件"]
    assert _kinds(found)["kind-condition"] == MOST_OF_A_KIND
    assert _kinds(found)["kind-window"] == 2


def test_two_steps_away_a_kind_is_drawn_whole_or_not_at_all() -> None:
    groups = (
        _group(-1, "Condition", 8),
        _group(-2, "LifeEvent", 4, other="condition-1-000"),
        _group(-2, "Option", 50, other="condition-1-001"),
    )
    found = drawn(_surroundings(*groups), "/at")
    assert _kinds(found) == {
        "kind-procedure": 1,
        "kind-condition": 8,
        "kind-lifeevent": 4,
        "kind-option more": 1,
    }
    assert _left_out(found) == ["ほか50件"]


def test_what_is_cut_on_one_side_hides_nothing_on_the_other() -> None:
    groups = (
        _group(-1, "Condition", 2),
        _group(1, "Procedure", 30),
        _group(-2, "LifeEvent", 3, other="condition-1-000"),
    )
    found = drawn(_surroundings(*groups), "/at")
    assert _kinds(found)["kind-lifeevent"] == 3 and _left_out(found) == [f"ほか{30 - MOST_OF_A_KIND}件"]


def test_what_is_behind_undrawn_items_is_not_counted() -> None:
    groups = (_group(-1, "Condition", 60, total=80), _group(-2, "Option", 5, other="condition-1-059"))
    assert _left_out(drawn(_surroundings(*groups), "/at")) == [f"ほか{80 - MOST_OF_A_KIND}件"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([-2, -1, 1, 2]),
            st.sampled_from(["Condition", "Procedure"]),
            st.integers(1, 60),
            st.integers(0, 900),
        ),
        max_size=8,
        unique_by=lambda one: one[:2],
    )
)
def test_there_are_never_many_more_boxes_than_that(sizes: list[tuple[int, str, int, int]]) -> None:
    groups = [_group(step, kind, count, total=count + more) for step, kind, count, more in sizes]
    found = drawn(_surroundings(*groups), "/at")
    assert sum("more" not in placed.box.style for placed in found.boxes) <= MOST_BOXES
    assert not _overlap(found)


def test_the_list_holds_all_that_is_drawn() -> None:
    found = _surroundings(_group(-1, "Condition", 8), _group(-2, "Option", 9, other="condition-1-000"))
    names = {row.name for rows in listed(found) for row in rows.rows}
    drawings = {placed.box.name for placed in drawn(found, "/at").boxes} - {"まんなか"}
    assert drawings == names
    assert listed(found)[1].rows[0].ties == [("Condition 0", "欄")]


def test_lines_of_text_stand_inside_their_box() -> None:
    [placed] = drawing([_box("国民健康保険の資格確認書の返納", 0)], []).boxes
    heights = [y for y, _ in placed.lines]
    assert placed.y < heights[0] < heights[-1] < placed.y + placed.height
    assert all(below - above >= 18 for above, below in pairwise(heights))


def _map_of(count: int, *, deep: bool) -> Drawing:
    """The flow of so many questions, each asked after an answer to the one before where it is `deep`."""
    questions = [
        {
            "key": f"q{index}",
            "text": f"質問{index}",
            "kind": "one",
            "position": index,
            "options": [{"key": f"q{index}/yes", "label": "はい"}, {"key": f"q{index}/no", "label": "いいえ"}],
            "asked_after": [f"q{index - 1}/yes"] if deep and index else [],
        }
        for index in range(count)
    ]
    conditions = [
        {
            "key": f"if-{index}",
            "label": "条件",
            "life_events": ["move"],
            "requires": [[f"q{index}/yes"]],
            "selects": ["p"],
        }
        for index in range(count)
    ]
    content = read_plain(
        {
            "format": 2,
            "life_events": [{"key": "move", "name": "引っ越し"}],
            "questions": questions,
            "conditions": conditions,
            "procedures": [{"key": "p", "name": "届け"}],
        }
    )
    names = differences.names(patches.items(content))
    return _Maker(event_map(content, "move"), Through(), {}, None, names, "/map", "").drawing()


def test_answers_stand_between_questions_that_follow_each_other() -> None:
    found = _map_of(3, deep=True)
    across = {placed.box.id: placed.x for placed in found.boxes}
    assert sorted(across, key=across.__getitem__) == ["move", "q0", "q0/yes", "q1", "q1/yes", "q2"]
    assert [(one.line.start, one.line.end) for one in found.lines] == [
        ("q0", "q0/yes"),
        ("q1", "q1/yes"),
        ("move", "q0"),
        ("q0/yes", "q1"),
        ("q1/yes", "q2"),
    ]


def test_of_many_questions_only_the_questions_are_drawn() -> None:
    found = _map_of(25, deep=True)
    assert len(found.boxes) == 26 and len(found.lines) == 25


def test_of_too_many_questions_the_rest_is_counted() -> None:
    found = _map_of(60, deep=False)
    assert len(found.boxes) == MOST_BOXES + 1 and _left_out(found) == ["ほか21件"]
    assert not _overlap(found)
