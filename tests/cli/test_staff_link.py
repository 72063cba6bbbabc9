"""How staff come in: by the link that `serve` prints, and by those that `tetsuzuki staff-link` makes."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from service.accounts import sessions
from service.web.staff import auth
from tests.cli.running import content_file, run, serving

pytestmark = pytest.mark.timeout(900)  # each command is a process of its own

LINK = re.compile(r"http://127\.0\.0\.1:\d+/staff/enter\?token=([\w-]{43})\b")


@pytest.fixture
def place(tmp_path: Path) -> dict[str, str]:
    """Settings of a data directory and a small first edition."""
    (tmp_path / "seed").mkdir()
    content_file(tmp_path / "seed")
    return {"data_dir": str(tmp_path / "data"), "seed": str(tmp_path / "seed")}


def _session(link: str) -> str:
    """The cookie that the button behind a link gives; empty when it gives none."""
    with httpx.Client(trust_env=False) as browser:
        assert browser.get(link).status_code == 200
        address, _, token = link.partition("?token=")
        browser.post(address, data={"token": token})
        return browser.cookies.get(auth.COOKIE) or ""


def _status(url: str, **headers: str) -> int:
    return httpx.get(f"{url}staff", headers=headers, trust_env=False).status_code


def _first_password(place: dict[str, str], *arguments: str) -> str:
    """What `staff-account` prints."""
    made = run("staff-account", *arguments, **place)
    assert made.returncode == 0, made.stderr
    assert re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}\n", made.stdout) and made.stdout.strip() not in made.stderr
    return made.stdout.strip()


def _sign_in(url: str, name: str, password: str) -> str | None:
    """Where signing in goes on; None where it does not."""
    form = {"sign_in": name, "password": password}
    answer = httpx.post(f"{url}staff/sign-in", data=form, trust_env=False)
    return str(answer.headers["location"]) if answer.is_redirect else None


def test_staff_come_in_by_printed_links_and_no_other_line_shows_a_token(place: dict[str, str]) -> None:
    """On two web processes, so that what one has let in the other knows."""
    with serving(workers="2", **place) as server:
        url = server.url()
        assert server.said("職員用の画面： ") and server.said("（一度だけ使えます）")
        printed = LINK.search("".join(server.lines))
        assert printed is not None and printed[0].startswith(url)

        session = _session(printed[0])
        assert session and _session(printed[0]) == ""
        for _ in range(8):
            assert _status(url, Cookie=f"{auth.COOKIE}={session}") == 200
        assert _status(url) == 303

        made = run("staff-link", **place)
        assert made.returncode == 0, made.stderr
        link = LINK.fullmatch(made.stdout.strip())
        assert link is not None and link[0].startswith(url) and link[1] not in made.stderr
        assert _session(link[0])

        given = run("staff-link", "--api", **place)
        token = given.stdout.strip()
        assert re.fullmatch(r"[\w-]{43}", token)
        body = {"life_events": ["death"], "edition": 2}
        bearer = {"Authorization": f"Bearer {token}"}
        assert httpx.post(f"{url}api/v1/guidance", json=body, headers=bearer, trust_env=False).status_code == 404
        assert run("import", str(Path(place["seed"]) / "content.yaml"), "--title", "下書き", **place).returncode == 0
        assert httpx.post(f"{url}api/v1/guidance", json=body, headers=bearer, trust_env=False).status_code == 200
        assert httpx.post(f"{url}api/v1/guidance", json=body, trust_env=False).status_code == 404
        first = _first_password(place, "kanri.ichiro", "--name", "管理 一郎", "--role", "administrator")
        assert _sign_in(url, "kanri.ichiro", first) == "/staff/sign-in/password?next=%2Fstaff"
        reset = _first_password(place, "kanri.ichiro", "--reset")
        assert reset != first and _sign_in(url, "kanri.ichiro", first) is None
        assert _sign_in(url, "kanri.ichiro", reset) == "/staff/sign-in/password?next=%2Fstaff"
        taken = run("staff-account", "kanri.ichiro", "--role", "editor", **place)
        assert taken.returncode == 1 and "ほかの人が使っています" in taken.stderr
        assert server.stop() == 0
    said = "".join(server.lines)
    assert said.count(printed[1]) == 1
    for secret in (
        first,
        reset,
        "kanri.ichiro",
        session,
        link[1],
        token,
        sessions.digest(session),
        sessions.form_token(session),
    ):
        assert secret not in said


def test_a_link_made_while_nothing_runs_names_the_settings_address(place: dict[str, str]) -> None:
    made = run("staff-link", **place, port="8123")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("http://127.0.0.1:8123/staff/enter?token=")
    with serving(**place) as server:
        token = made.stdout.strip().partition("?token=")[2]
        assert _session(f"{server.url()}staff/enter?token={token}")
