"""`import` and `export` of layers, as processes: in, apart, and an amended law into a draft."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from service.settings import Settings
from tests.cli.running import CONTENT, NOWHERE, content_file, names, run

pytestmark = pytest.mark.timeout(900)  # each command is a process of its own

CITY: dict[str, Any] = {
    "format": 2,
    "windows": [{"key": "mado", "name": "市民課", "basis": "city"}],
    "procedures": [
        {"key": "notice", "name": "市の死亡届", "handled_at": ["mado"]},
        {"key": "pension-end", "handled_at": ["mado"]},
    ],
}
"""What the city adds to the law and says otherwise."""


@pytest.fixture(scope="module")
def store(settings: Settings) -> dict[str, str]:
    """Settings of the session's Neo4j."""
    return names(settings)


@pytest.fixture
def layers(tmp_path: Path) -> tuple[str, str]:
    """The folders of the law and of the city."""
    return _folder(tmp_path / "law", CONTENT), _folder(tmp_path / "city", CITY)


def _folder(path: Path, content: dict[str, Any]) -> str:
    path.mkdir()
    content_file(path, content)
    return str(path)


def _law(**changes: dict[str, Any]) -> dict[str, Any]:
    """The law with other fields of procedures; a `-` of a key is written `_`."""
    changed = {key.replace("_", "-"): fields for key, fields in changes.items()}
    return CONTENT | {"procedures": [one | changed.get(one["key"], {}) for one in CONTENT["procedures"]]}


def test_layers_go_in_and_come_out_as_they_were(store: dict[str, str], layers: tuple[str, str], tmp_path: Path) -> None:
    done = run("import", *layers, "--publish", "--title", "層から", **store)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    out = tmp_path / "out"
    apart = run("export", "--layers", str(out), **store)
    assert apart.stdout.split() == [str(out / name / "content.yaml") for name in ("national", "city")], apart.stderr
    assert "市の死亡届" not in (out / "national" / "content.yaml").read_text(encoding="utf-8")
    assert "年金を受けていましたか" not in (out / "city" / "content.yaml").read_text(encoding="utf-8")
    again = json.loads(run("import", str(out / "national"), str(out / "city"), "--publish", **store).stdout)
    assert (again["created"], again["hash"], again["edition"]) == (False, told["hash"], told["edition"])
    refused = run("export", "--layers", str(out), **store)
    assert refused.returncode == 1 and str(out) in refused.stderr


def test_an_amended_law_comes_in_as_a_draft(store: dict[str, str], layers: tuple[str, str], tmp_path: Path) -> None:
    done = run("import", *layers, "--publish", **store)
    assert done.returncode == 0, done.stderr
    live = json.loads(done.stdout)["edition"]
    new = _folder(tmp_path / "new", _law(notice={"name": "新しい死亡届"}, pension_end={"fee": "無料"}))
    refused = run("import", "--update", new, **store)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "市の死亡届" in refused.stderr and "新しい死亡届" in refused.stderr
    done = run("import", "--update", new, "--decide", "notice=mine", "--title", "改正", **store)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["created"], told["changed"], told["state"]) == (True, ["pension-end"], "draft")
    assert "住民への影響" in done.stderr and "無料" in done.stderr
    content = json.loads(run("export", "--edition", str(told["edition"]), **store).stdout)
    procedures = {one["key"]: one for one in content["procedures"]}
    assert procedures["notice"]["name"] == "市の死亡届"
    assert procedures["pension-end"] | {"fee": "無料", "handled_at": ["mado"]} == procedures["pension-end"]
    same = json.loads(run("import", "--update", layers[0], **store).stdout)
    assert (same["created"], same["edition"]) == (False, live)


def test_a_layer_that_is_wrong_names_file_and_line(store: dict[str, str], tmp_path: Path) -> None:
    law = _folder(tmp_path / "law", CONTENT)
    city = tmp_path / "city"
    city.mkdir()
    (city / "own.yaml").write_text(
        "format: 2\nprocedures:\n  - {key: notice, price: 無料}\n  - {key: dog-change, drop: true}\n", encoding="utf-8"
    )
    done = run("import", law, str(city), **store)
    assert (done.returncode, done.stdout) == (1, "")
    assert "own.yaml:3" in done.stderr and "price" in done.stderr


@pytest.mark.parametrize(
    "options", [["--update", "--publish"], ["--from", "{folder}"]], ids=["update and publish", "from alone"]
)
def test_wrong_use_is_status_2(tmp_path: Path, options: list[str]) -> None:
    folder = _folder(tmp_path / "law", CONTENT)
    given = [option.format(folder=folder) for option in options]
    done = run("import", folder, *given, **NOWHERE)
    assert (done.returncode, done.stdout) == (2, "") and "Usage:" in done.stderr


def test_files_and_folders_are_not_mixed(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "law", CONTENT)
    done = run("import", folder, str(content_file(tmp_path)), **NOWHERE)
    assert (done.returncode, done.stdout) == (2, "") and "一緒に書けません" in done.stderr


def test_what_the_law_that_came_along_would_change_is_shown(
    store: dict[str, str], layers: tuple[str, str], tmp_path: Path
) -> None:
    assert run("import", *layers, "--publish", **store).returncode == 0
    new = _folder(tmp_path / "new", _law(pension_end={"fee": "無料"}))
    seeds = {"seed": f"{new}:{layers[1]}"}
    shown = run("law-preview", **store, **seeds)
    assert shown.returncode == 0 and "無料" in shown.stdout, shown.stderr
    told = json.loads(run("law-preview", "--json", **store, **seeds).stdout)
    assert told["is_new"] and [one["key"] for one in told["content"]] == ["pension-end"]
    same = json.loads(run("law-preview", "--json", **store, seed=":".join(layers)).stdout)
    assert (same["is_new"], same["content"]) == (False, [])
