"""`new-city`: six questions, of which each may stay unanswered, become the folder of another city."""

from __future__ import annotations

import subprocess
from pathlib import Path

from service.content.canonical import content_hash
from service.content.loading import read_folders
from service.guidance import municipality
from service.settings import NATIONAL
from tests.cli.running import NOWHERE, run
from tests.seed import national

ANSWERS = ("みなと町", "例示県", "みなとちょう", "例示県みなと町1番地", "0000-00-0000", "https://www.example.jp/")


def asked(folder: Path, *answers: str) -> subprocess.CompletedProcess[str]:
    """The finished command, to which somebody typed the answers."""
    return run("new-city", str(folder), typed="".join(f"{answer}\n" for answer in answers), **NOWHERE)


def test_six_answers_are_the_folder_of_a_city(tmp_path: Path) -> None:
    folder = tmp_path / "cities" / "minato"
    done = asked(folder, *ANSWERS)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(folder / "municipality.yaml"), str(folder / "content.yaml")]
    assert f"make serve CITY={folder}" in done.stderr and done.stderr.count("> ") == 6
    city = municipality.read(folder / "municipality.yaml")
    assert (city.name, city.prefecture, city.reading, city.address, city.phone, city.site_url) == ANSWERS
    assert (city.hall, city.guide) == ("みなと町役場", "みなと町 手続きガイド")
    found = read_folders([NATIONAL, folder])
    assert content_hash(found.content) == content_hash(national()), "its layer is empty: it begins as the law says"


def test_what_nobody_answers_is_not_made_up(tmp_path: Path) -> None:
    assert asked(tmp_path / "a", *[""] * 6).returncode == 0
    assert asked(tmp_path / "b").returncode == 0, "the input has ended"
    for name in ("a", "b"):
        known = municipality.read(tmp_path / name / "municipality.yaml").model_dump(exclude_none=True)
        assert known == {"hall": "役所・役場", "closed_days": [], "open_days": []}


def test_an_answer_that_cannot_stand_is_asked_again(tmp_path: Path) -> None:
    done = asked(tmp_path, *ANSWERS[:5], "www.example.jp", "https://www.example.jp/")
    assert done.returncode == 0 and done.stderr.count("公式サイトのアドレス") == 2, done.stderr
    assert municipality.read(tmp_path / "municipality.yaml").site_url == "https://www.example.jp/"


def test_a_city_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "municipality.yaml"
    file.write_text("name: みなと町\n", encoding="utf-8")
    done = asked(tmp_path, *ANSWERS)
    assert (done.returncode, done.stdout) == (1, "") and str(file) in done.stderr
    assert file.read_text(encoding="utf-8") == "name: みなと町\n"
    assert not (tmp_path / "content.yaml").exists()


def test_an_answer_may_look_like_anything_in_yaml(tmp_path: Path) -> None:
    done = asked(tmp_path, "123", "no", "# みなと", "a: b", "0120", "")
    assert done.returncode == 0, done.stderr
    city = municipality.read(tmp_path / "municipality.yaml")
    assert (city.name, city.prefecture, city.reading, city.address, city.phone) == (
        "123",
        "no",
        "# みなと",
        "a: b",
        "0120",
    )
