"""The service on a Neo4j in a container, as the tests fall back to it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from service.store.graph import answers
from tests.cli.running import content_file, run
from tests.databases import container


def test_content_goes_in_and_guidance_comes_out(tmp_path: Path) -> None:
    with container() as address:
        assert asyncio.run(answers(address))
        names = {"neo4j_uri": address.uri, "neo4j_user": address.user, "neo4j_password": address.password}
        imported = run("import", str(content_file(tmp_path)), "--publish", **names)
        assert imported.returncode == 0, imported.stderr
        guided = run("guide", "--event", "death", "--answer", "pension:yes", "things:", **names)
        assert {one["key"] for one in json.loads(guided.stdout)["procedures"]} == {"notice", "pension-end"}
