"""A full disk and what it once did: writes are refused in words, residents are served, and all comes back by itself;
a store whose transaction log was cut says so, and the runbook brings it back."""

from __future__ import annotations

import asyncio
import json
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.accounts import sessions
from service.errors import GuideError
from service.runtime import jvm, lockfile
from service.settings import ROOT
from service.store.graph import Address, Graph
from tests.cli.running import CONTENT, becomes, content_file, environment, run, serving
from tests.cli.test_serve import worker_pids
from tests.disks import empty, fill, free, small_disk

pytestmark = pytest.mark.timeout(900)  # a database starts three or four times in each

LEAST = 64 * 1024 * 1024
LEFT = 200_000
TOLD_WITHIN = 120.0
"""Seconds in which a damaged store is named on a busy machine; it was ten minutes once."""
PATIENCE = 300.0
"""Seconds that a start may take on a machine that does much else."""


def place(folder: Path, data: Path) -> dict[str, str]:
    """Settings of a data directory and a small first edition."""
    (folder / "seed").mkdir()
    content_file(folder / "seed")
    return {"data_dir": str(data), "seed": str(folder / "seed"), "store_free_bytes": str(LEAST)}


def changed(folder: Path) -> str:
    """A file with another content."""
    other: dict[str, Any] = CONTENT | {"procedures": [one | {"note": "新しい"} for one in CONTENT["procedures"]]}
    return str(content_file(folder, other))


def ready(url: str) -> dict[str, str]:
    """What readiness says; it says it with status 200."""
    answer = httpx.get(url + "health/ready", trust_env=False, timeout=60)
    assert answer.status_code == 200
    told: dict[str, str] = answer.json()
    return told


def make_it_panic(data: Path) -> None:
    """Lets the database fail while it writes its transaction log; what it wrote before stays whole."""
    holder = lockfile.holder(data)
    assert holder is not None and holder.database_pid is not None and holder.bolt is not None
    resource.prlimit(holder.database_pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    address = Address(holder.bolt, jvm.USER, jvm.password(data / "neo4j"), "neo4j")

    async def write() -> None:
        graph = Graph.open(address, pool=1)
        try:
            await sessions.invite(graph, minutes=1)
        finally:
            await graph.close()

    with pytest.raises(GuideError):
        asyncio.run(write())


def test_a_full_disk_costs_staff_time_and_residents_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=300) as disk:
        own = place(tmp_path, disk / "data")
        other = changed(tmp_path)
        with serving(**own) as server:
            assert server.said("準備ができました", seconds=PATIENCE), server.lines
            url = server.url()
            workers = worker_pids(server.process.pid)
            assert ready(url)["writes"] == "accepted"

            fill(disk, leave=LEFT)
            assert 40_000 < free(disk) < 300_000
            assert server.said("空きができるまで、職員の変更と取り込みを断ります")
            refused = run("import", other, "--publish", **own)
            assert refused.returncode == 1
            assert "空きが足りないため、書き込みませんでした" in refused.stderr and "64 MB 以上" in refused.stderr
            assert "Traceback" not in refused.stderr
            for page in ("", "procedures/notice", "guide?event=death"):
                assert becomes(url, page, statuses=[200])
            assert ready(url) == {"status": "ready", "writes": "refused_for_space"}
            assert "職員の変更と取り込みを断ります" in run("doctor", **own).stdout

            make_it_panic(disk / "data")
            assert server.said("どの命令も受け付けなくなりました")
            assert server.said("空きができしだい、データベースを起動し直します")
            empty(disk)
            assert server.said("データベースが答えるようになりました", seconds=PATIENCE)
            assert becomes(url, "health/ready", statuses=[200], seconds=PATIENCE)
            assert ready(url)["writes"] == "accepted"
            assert worker_pids(server.process.pid) == workers

            imported = run("import", other, "--publish", **own)
            assert imported.returncode == 0, imported.stderr
            assert becomes(url, "procedures/notice", statuses=[200])
            assert server.stop() == 0
        with serving(**own) as again:
            assert again.said("準備ができました", seconds=PATIENCE), again.lines
            assert becomes(again.url(), "", statuses=[200])
            verified = run("history", "verify", **own)
            assert verified.returncode == 0, verified.stdout + verified.stderr
            fill(disk, leave=LEFT)
            assert again.said("空きができるまで")
            assert again.stop() == 0, "it stops on a full disk too"


def cut(data: Path, *, by: int) -> None:
    """Takes the end of what is written away from the transaction log."""
    log = data / "neo4j" / "transactions" / "neo4j" / "neostore.transaction.db.0"
    written = log.read_bytes().rstrip(b"\0")
    log.write_bytes(written[:-by])


def steps(heading: str) -> str:
    """The commands of a section of the runbook."""
    text = (ROOT / "ops" / "runbook.md").read_text(encoding="utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^    (\S.*)$", section, re.MULTILINE)
    assert found, f"no commands under {heading!r}"
    return "\n".join(found)


def carried_out(commands: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A shell that has done the commands, and stopped at the first that failed."""
    shell = f'tetsuzuki() {{ "{sys.executable}" -m service "$@"; }}\nset -eux\n{commands}\n'
    return subprocess.run(
        ["sh", "-c", shell],
        env=environment(**settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=600,
        check=False,
    )


def test_a_cut_transaction_log_is_named_and_the_runbook_brings_the_store_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    own = place(tmp_path, data)
    imported = run("import", str(content_file(tmp_path)), "--publish", **own)
    assert imported.returncode == 0, imported.stderr
    cut(data, by=3_000)

    began = time.monotonic()
    damaged = run("serve", port="0", **own)
    assert time.monotonic() - began < TOLD_WITHIN
    assert damaged.returncode == 1
    assert "トランザクションログ）が壊れている" in damaged.stderr and "tetsuzuki rescue" in damaged.stderr

    rescued = carried_out(steps("The transaction log is damaged"), **own)
    assert rescued.returncode == 0, rescued.stdout + rescued.stderr
    assert "○ 公開中の版、ほかの版、変更の履歴は、書き込まれたとおりです" in rescued.stdout
    assert f"一致します（{json.loads(imported.stdout)['hash']}）" in rescued.stdout
    assert "最後に正しく止めたときの状態で開けました" in rescued.stdout
    assert (data / "neo4j.damaged" / "transactions").is_dir()
    again = run("rescue", **own)
    assert again.returncode == 1 and "neo4j.damaged" in again.stderr
