"""The figures of one run as tables that a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from statistics import median
from typing import Any

Cells = Sequence[object]

HITS_MOST = 10_000
PLAIN_LEAST = 5.0
READY_LEAST = 0.8
API_LEAST = 0.3
ANSWER_MOST = 3.0
RECOVERY_MOST = 5
WARM_MOST = 10.0
STOP_MOST = 3.0
FLAT = 1.1
COMPARE_MOST = 0.5
ACTS_MOST = {
    "fork": 500,
    "save, p50": 150,
    "save, p95": 300,
    "findings, first": 1_000,
    "findings, again": 100,
    "publish": 800,
    "save, 5,000 procedures, p95": 500,
}
"""Milliseconds."""
ITEM_MOST = 100.0
BESIDE_MOST = 1.5


def markdown(figures: dict[str, Any]) -> str:
    """The whole document; parts that were not measured are left out."""
    parts: list[Iterable[str]] = [_head(figures)]
    for name, write in (
        ("guidance", _guidance),
        ("serving", _serving),
        ("sizing", _sizing),
        ("growth", _growth),
        ("editions", _editions),
        ("staff", _staff),
        ("starting", _starting),
    ):
        if name in figures:
            parts.append(write(figures[name]))
    parts.append(_targets(figures))
    return "\n".join(line for lines in parts for line in lines) + "\n"


def targets(figures: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """Each target: what, the bound, what was found, and whether it is met."""
    target_rows: list[tuple[str, str, str, bool]] = []
    if "guidance" in figures:
        worst = figures["guidance"]["dense"]["hits_worst"]
        target_rows.append(
            ("db hits, dense content, worst state", f"≤ {HITS_MOST:,}", f"{worst:,}", worst <= HITS_MOST)
        )
    if "editions" in figures:
        whole = sum(figures["editions"]["comparing"]["graph"][step] for step in ("reading", "comparing"))
        name = "draft read from the graph and compared, all life events"
        target_rows.append((name, f"≤ {COMPARE_MOST} s", f"{whole:.2f} s", whole <= COMPARE_MOST))
        target_rows += _editing_targets(figures["editions"]["editing"])
    if "staff" in figures:
        target_rows += _staff_targets(figures["staff"])
    if "serving" in figures:
        target_rows += _serving_targets(figures["serving"])
    if "growth" in figures:
        for kind, rows in figures["growth"].items():
            ratio = max(row["hits_worst"] for row in rows) / rows[0]["hits_worst"]
            target_rows.append((f"db hits beside more {kind}", f"≤ {FLAT} ×", f"{ratio:.2f} ×", ratio <= FLAT))
    if "starting" in figures:
        warm = median(row["first_page"] for row in figures["starting"] if row["start"] == "warm")
        stop = max(row["stop"] for row in figures["starting"])
        target_rows.append(
            ("warm start to first page, median", f"≤ {WARM_MOST:.0f} s", f"{warm:.1f} s", warm <= WARM_MOST)
        )
        target_rows.append(("stop", f"≤ {STOP_MOST:.0f} s", f"{stop:.1f} s", stop <= STOP_MOST))
    return target_rows


def _editing_targets(editing: dict[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    for act, bound in ACTS_MOST.items():
        if act in editing["acts"]:
            spent = editing["acts"][act]
            yield act, f"≤ {bound:,} ms", f"{spent:,.0f} ms", spent <= bound
    hits = [row["live edition, db hits"] for row in editing["growth"]]
    yield (
        "db hits of the live edition beside more archived ones",
        f"≤ {FLAT} ×",
        f"{hits[-1] / hits[0]:.2f} ×",
        (hits[-1] <= FLAT * hits[0]),
    )


def _staff_targets(staff: dict[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    page, ratio, refused = staff["item"]["p95"], staff["residents"]["ratio"], staff["saved"]["refused"]
    yield "page of an item, p95", f"≤ {ITEM_MOST:.0f} ms", f"{page:.0f} ms", page <= ITEM_MOST
    yield "residents' p95 beside three editors", f"≤ {BESIDE_MOST} ×", f"{ratio:.2f} ×", ratio <= BESIDE_MOST
    yield "saves refused", "0", str(refused), refused == 0


def _staff(figures: dict[str, Any]) -> Iterator[str]:
    item, residents, saved = figures["item"], figures["residents"], figures["saved"]
    yield "## Staff over HTTP\n"
    yield from _table(
        ("what", "p50", "p95"),
        (
            ("the page of an item", f"{item['p50']:.0f} ms", f"{item['p95']:.0f} ms"),
            (f"a save by form, {saved['count']} of three editors", f"{saved['p50']:.0f} ms", f"{saved['p95']:.0f} ms"),
            ("a resident's page, nobody editing", "", f"{residents['quiet']:.1f} ms"),
            ("a resident's page beside three editors", "", f"{residents['beside']:.1f} ms"),
        ),
    )


def _serving_targets(serving: dict[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    plain = min(_ratio(row, "plain") for row in serving["result"])
    ready = min(_ratio(row, "ready") for row in serving["result"])
    api = min(_ratio(row, "ready") for row in serving["api"])
    yield "result page beside plain rendering", f"≥ {PLAIN_LEAST:.0f} ×", f"{plain:.1f} ×", plain >= PLAIN_LEAST
    yield "result page beside ready bytes", f"≥ {READY_LEAST} ×", f"{ready:.2f} ×", ready >= READY_LEAST
    yield "API beside ready bytes", f"≥ {API_LEAST} ×", f"{api:.2f} ×", api >= API_LEAST
    yield from _overload_targets(serving["overload"])


def _overload_targets(overload: dict[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    times = f"{overload['times']} × capacity"
    slow = max(overload["p95"].values()) / 1000
    yield f"any answer at {times}, p95", f"≤ {ANSWER_MOST:.0f} s", f"{slow:.2f} s", slow <= ANSWER_MOST
    refused = sum(_not_200(overload["statuses"][name]) for name in ("kept", "staff", "health"))
    yield f"kept pages, staff and probes refused at {times}", "0", str(refused), refused == 0
    back = overload["recovered"]
    recovered_after = "never" if back is None else f"{back} s"
    yield (
        "after it, all new guidance is served again",
        f"≤ {RECOVERY_MOST} s",
        recovered_after,
        back is not None and back <= RECOVERY_MOST,
    )


def _not_200(statuses: dict[str, int]) -> int:
    return sum(statuses.values()) - statuses.get("200", 0)


def _ratio(row: dict[str, Any], beside: str) -> float:
    return float(row["page"]["per_second"] / row[beside]["per_second"])


def _table(head: Cells, rows: Iterable[Cells]) -> Iterator[str]:
    yield "| " + " | ".join(map(str, head)) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(map(str, row)) + " |"
    yield ""


def _head(figures: dict[str, Any]) -> Iterator[str]:
    machine = figures["machine"]
    yield f"# Measured on {machine['at']}\n"
    yield (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}, "
        f"Python {machine['python']}, Neo4j {machine['neo4j']}. Database, service and load generator share these cores."
    )
    yield "Packages: " + ", ".join(f"{name} {version}" for name, version in machine["packages"].items()) + ".  "
    yield (
        f"Load average before the run {machine['load_before']} (0 is a quiet machine), "
        f"after it {machine['load_after']}. Took {figures['seconds']:.0f} s.\n"
    )


def _targets(figures: dict[str, Any]) -> Iterator[str]:
    yield "## Targets\n"
    yield from _table(
        ("what", "target", "found", ""),
        ((name, bound, value, "met" if met else "**missed**") for name, bound, value, met in targets(figures)),
    )


def _guidance(figures: dict[str, Any]) -> Iterator[str]:
    yield "## Guidance query\n"
    yield f"{figures['seed']['states']} fixed states each; time from the driver, one query after the other.\n"
    head = ("content", "conditions", "edges", "questions", "procedures", "hits worst", "hits median", "p50", "p95")
    yield from _table(
        head,
        (
            (
                name,
                row["conditions"],
                row["edges"],
                row["questions"],
                row["procedures"],
                f"{row['hits_worst']:,}",
                f"{row['hits_median']:,}",
                f"{row['p50']:.1f} ms",
                f"{row['p95']:.1f} ms",
            )
            for name, row in (("first edition", figures["seed"]), ("dense", figures["dense"]))
        ),
    )


def _editions(figures: dict[str, Any]) -> Iterator[str]:
    graph, contents = figures["comparing"]["graph"], figures["comparing"]["contents"]
    yield "## Comparing editions, over all households\n"
    yield (
        f"The first edition with one condition of each life event loosened, by the clock: read from the graph "
        f"{graph['reading']:.2f} s, all {graph['events']} life events and the scenarios compared "
        f"{graph['comparing']:.2f} s; {graph['changed']} of the life events change.\n"
    )
    yield "Milliseconds of processor time: everything compiled and counted, and compared after that edit."
    yield "*Not decided*: more than 500,000 steps.\n"
    yield from _table(
        ("what", "questions", "options", "conditions", "procedures", "households", "steps", "compile", "compare"),
        (
            (
                row["name"],
                row["questions"],
                row["options"],
                row["conditions"],
                row["procedures"],
                _large(row["households"]),
                "–" if row["steps"] is None else f"{row['steps']:,}",
                "not decided" if row["compile"] is None else f"{row['compile']:.1f} ms",
                f"{row['compare']:.1f} ms" if row["decided"] else f"not decided ({row['compare']:,.0f} ms)",
            )
            for row in contents
        ),
    )
    yield from _walking(figures["walking"])
    yield from _editing(figures["editing"])


def _walking(figures: dict[str, Any]) -> Iterator[str]:
    yield "## All interviews, walked\n"
    yield (
        "Questions asked over all households, each once. "
        f"All proofs of the first edition: {figures['proofs']['ms']:.0f} ms; "
        f"one question tried at {figures['moves']['places']} places: {figures['moves']['ms']:.0f} ms.\n"
    )
    yield from _table(
        ("life event", "households", "states", "fewest", "mean", "most", "asked in vain", "walk", "proof"),
        (
            (
                name,
                f"{row['households']:,}",
                row["states"],
                row["fewest"],
                f"{row['mean']:.2f}",
                row["most"],
                row["idle"],
                f"{row['ms']:.0f} ms",
                f"{row['proof_ms']:.0f} ms",
            )
            for name, row in figures["events"].items()
        ),
    )


def _editing(figures: dict[str, Any]) -> Iterator[str]:
    yield "## Staff at work\n"
    yield "The first edition, one act after the other, by the clock; the median where an act was done several times.\n"
    yield from _table(("act", "time"), ((name, f"{spent:,.0f} ms") for name, spent in figures["acts"].items()))
    yield "The same questions of a store with an ever longer past (medians; `verify` once).\n"
    names = [name for name in figures["growth"][0] if name not in {"editions", "changes"}]
    heads = [f"{row['editions']:,} archived, {row['changes']:,} changes" for row in figures["growth"]]
    yield from _table(
        ("question", *heads),
        (
            (name, *(f"{row[name]:,.1f}{'' if 'hits' in name else ' ms'}" for row in figures["growth"]))
            for name in names
        ),
    )


def _large(count: int) -> str:
    """Exact as far as a person reads digits."""
    return f"{count:,}" if count < 10**15 else f"{count:.2e}"


def _serving(figures: dict[str, Any]) -> Iterator[str]:
    yield "## Over HTTP, guidance seen before\n"
    yield "One web process. *ready*: the same bytes out of memory. *plain*: the page rendered by Jinja each time."
    yield "Taken in turns, three rounds; the median round is told.\n"
    yield from _table(
        ("what", "bytes", "connections", "requests/s", "p50", "p95", "p99", "ready/s", "× ready", "plain/s", "× plain"),
        (_beside(name, row) for name in ("result", "question", "api") for row in figures[name]),
    )
    yield from _capacity(figures)
    yield from _overload(figures["overload"])
    yield "## `async def` beside `def`\n"
    yield "The bytes of the result page out of memory, at 16 connections.\n"
    yield from _table(
        ("handler", "requests/s", "p50", "p95", "p99"),
        (
            (f"`{word}`", f"{figures['handlers'][name]['per_second']:,.0f}", *_times(figures["handlers"][name]))
            for name, word in (("async", "async def"), ("sync", "def"))
        ),
    )


def _capacity(figures: dict[str, Any]) -> Iterator[str]:
    yield "## Capacity\n"
    yield (
        "The highest rate at which 95 of 100 pages are answered within 250 ms and none is refused, found step by step; "
        f"beside {figures['ready']:,.0f} ready bytes/s of this run. *New*: pages whose guidance nobody asked for. "
        "*Day*: every page of random households, one question after the other.\n"
    )
    yield from _table(
        ("what", "pages/s", "× ready", "steps: pages/s → p95 (refused)"),
        (
            (name, f"{row['rate']:.0f}", f"{row['ratio']:.3f}", ", ".join(map(_step, row["steps"])))
            for name, row in (("new", figures["capacity"]["unseen"]), ("day", figures["capacity"]["day"]))
        ),
    )


def _step(step: dict[str, Any]) -> str:
    refused = f" ({step['refused']})" if step["refused"] else ""
    return f"{step['rate']:.0f} → {step['p95']:,.0f} ms{refused}"


def _overload(figures: dict[str, Any]) -> Iterator[str]:
    yield "## Overload\n"
    yield (
        f"{figures['times']} × that capacity of new pages, {figures['rate']:,.0f}/s for {figures['seconds']:.0f} s, "
        f"of which {figures['served']:.0f}/s were served and the others told to come again. Beside them 20 kept pages, "
        "2 pages of staff and 2 probes a second, which go on afterwards with 2 new pages a second. Latency counts "
        "from the moment at which a request was due: median / longest, in milliseconds.\n"
    )
    rows: dict[str, dict[int, dict[str, Any]]] = {
        name: {row["second"]: row for row in timeline} for name, timeline in figures["timeline"].items()
    }
    end = int(figures["seconds"])
    rows["new"] |= {end + row["second"]: row for row in figures["after"]}
    seconds = sorted({second for seconds_of_kind in rows.values() for second in seconds_of_kind})
    yield from _table(
        ("second", "new", "refused", "new, served", "told to come again", "kept", "staff", "health"),
        (
            (
                second if second < end else f"{second} (after)",
                rows["new"].get(second, {}).get("due", 0),
                rows["new"].get(second, {}).get("refused", 0),
                *(_both(rows[name].get(second), kind) for name, kind in _COLUMNS),
            )
            for second in seconds
        ),
    )


_COLUMNS = (("new", "ok"), ("new", "no"), ("kept", "ok"), ("staff", "ok"), ("health", "ok"))


def _both(row: dict[str, Any] | None, kind: str) -> str:
    spent = (row or {}).get(kind)
    return f"{spent['p50']:.0f} / {spent['most']:.0f}" if spent else "–"


def _sizing(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "## By settings alone\n"
    yield "Capacity for new guidance, and the processor time that a page of it takes, the load generator's left out.\n"
    yield from _table(
        ("setting", "ready/s", "new pages/s", "× ready", "web, a page", "database, a page", "cores at work"),
        (
            (
                row["way"],
                f"{row['ready']:,.0f}",
                f"{row['rate']:.0f}",
                f"{row['ratio']:.3f}",
                *(
                    (f"{row['web_ms']:.1f} ms", f"{row['database_ms']:.1f} ms", f"{row['cores']:.1f}")
                    if row["cores"]
                    else ("–",) * 3
                ),
            )
            for row in rows
        ),
    )


def _beside(name: str, row: dict[str, Any]) -> Cells:
    page, ready, plain = row["page"], row["ready"], row.get("plain")
    rendered = (f"{plain['per_second']:,.0f}", f"{_ratio(row, 'plain'):.1f}") if plain else ("–", "–")
    return (
        name,
        f"{page['bytes']:,}",
        row["connections"],
        f"{page['per_second']:,.0f}",
        *_times(page),
        f"{ready['per_second']:,.0f}",
        f"{_ratio(row, 'ready'):.2f}",
        *rendered,
    )


def _times(figures: dict[str, Any]) -> tuple[str, str, str]:
    return f"{figures['p50']:.1f} ms", f"{figures['p95']:.1f} ms", f"{figures['p99']:.1f} ms"


def _growth(figures: dict[str, Any]) -> Iterator[str]:
    yield "## Growth\n"
    yield "The same 40 states of one life event, with ever more around it.\n"
    yield from _table(
        ("content", "procedures", "conditions", "hits worst", "hits median", "import", "importer", "database after"),
        (
            (
                f"{row['times']} ×",
                f"{row['procedures']:,}",
                f"{row['conditions']:,}",
                f"{row['hits_worst']:,}",
                f"{row['hits_median']:,}",
                f"{row['seconds']:.1f} s",
                _mb(row["import_mb"]),
                _mb(row["database_mb"]),
            )
            for row in figures["contents"]
        ),
    )
    yield from _table(
        ("editions", "hits worst", "hits median"),
        ((row["editions"], f"{row['hits_worst']:,}", f"{row['hits_median']:,}") for row in figures["editions"]),
    )


def _starting(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "## Start and stop\n"
    yield "`tetsuzuki serve` with everything fetched; *cold*: an empty data directory, so schema and seed too.\n"
    yield from _table(
        ("start", "first page", "then a question", "stop", "web process", "database", "supervisor"),
        (
            (
                row["start"],
                f"{row['first_page']:.1f} s",
                f"{row['first_question']:.2f} s",
                f"{row['stop']:.1f} s",
                _mb(row["web_mb"]),
                _mb(row["database_mb"]),
                _mb(row["supervisor_mb"]),
            )
            for row in rows
        ),
    )


def _mb(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} MB"
