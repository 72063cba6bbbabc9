"""What the guide has to tell the made-up households of 総社市, as `seed/HOUSEHOLDS.md` keeps it.

`python -m bench.expectations` prints it from the scenarios, each run by the plain evaluation.
"""

from __future__ import annotations

from collections.abc import Iterable

from service.content.basis import official
from service.content.models import NO_ACTION, Content, Scenario
from tests.evaluation import differing
from tests.seed import seed


def row(content: Content, scenario: Scenario) -> str:
    """One line of the table."""
    natures = {procedure.key: procedure.nature for procedure in content.procedures}
    names = {procedure.key: procedure.name for procedure in content.procedures}
    events = {event.key: event.name for event in content.life_events}

    def told(keys: Iterable[str]) -> str:
        return "、".join(names[key] for key in keys) or "—"

    cells = (
        f"{'＋'.join(events[key] for key in scenario.life_events)}",
        f"{scenario.name}（`{scenario.key}`）",
        told(key for key in scenario.expects if natures[key] not in NO_ACTION),
        told(scenario.rules_out),
        told(key for key in scenario.expects if natures[key] in NO_ACTION),
        "×" if any(differing(content, scenario)) else "○",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the figures and the table."""
    content = seed()
    places = {event.key: event.position for event in content.life_events}
    scenarios = sorted(content.scenarios, key=lambda one: (len(one.life_events), places[one.life_events[0]], one.key))
    procedures = content.procedures
    print("# 世帯ごとの、出るもの・出ないもの\n")
    print("`python -m bench.expectations` で作る。世帯は `scenarios-*.yaml`。")
    print("○は、独立した評価で書いてあるとおりだったもの。\n")
    print("| 手続き | 件数 |\n|---|---|")
    print(f"| 全部 | {len(procedures)} |")
    print(f"| 申請できるページへのリンクがある | {sum(1 for one in procedures if one.online_url)} |")
    print(f"| 様式へのリンクがある | {sum(1 for one in procedures if one.form_url)} |")
    print(f"| 国・県・市の出典がある | {sum(1 for one in procedures if official(one.sources or []))} |\n")
    print("| できごと | 世帯 | 必ず出る | 出てはいけない | しなくてよいと告げる | |\n|---|---|---|---|---|---|")
    for scenario in scenarios:
        print(row(content, scenario))


if __name__ == "__main__":
    main()
