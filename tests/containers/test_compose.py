"""compose.yaml really runs: proxy, web and Neo4j, healthy, not root, without residents' answers in any log."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from service.settings import ROOT

PROJECT = "tetsuzuki-test"
START_SECONDS = 1200


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return str(free.getsockname()[1])


def compose(*arguments: str, environment: dict[str, str]) -> str:
    """The output of a docker compose command."""
    done = subprocess.run(
        ["docker", "compose", "--project-name", PROJECT, *arguments],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=START_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """The environment of a running composition on free ports; it and its volumes are removed at the end."""
    subprocess.run([sys.executable, ROOT / "ops" / "container" / "make_secrets.py"], check=True)
    found = {**os.environ, "HTTP_PORT": free_port(), "HTTPS_PORT": free_port(), "SITE": "localhost"}
    try:
        compose("up", "--build", "--wait", "--detach", environment=found)
        yield found
    finally:
        compose("down", "--volumes", environment=found)


@pytest.fixture(scope="module")
def site(environment: dict[str, str]) -> Iterator[httpx.Client]:
    # The proxy's certificate for localhost is its own.
    base = f"https://localhost:{environment['HTTPS_PORT']}"
    with httpx.Client(base_url=base, verify=False, timeout=30, trust_env=False) as client:
        yield client


@pytest.mark.timeout(START_SECONDS + 60)
def test_the_guide_is_served_with_tls(site: httpx.Client, environment: dict[str, str]) -> None:
    home = site.get("/")
    assert home.status_code == 200
    assert "総社市" in home.text
    assert home.headers["strict-transport-security"]
    assert "server" not in home.headers
    plain = httpx.get(f"http://localhost:{environment['HTTP_PORT']}/", trust_env=False)
    assert plain.status_code in {301, 308}
    assert plain.headers["location"].startswith("https://localhost")


def test_the_api_guides(site: httpx.Client) -> None:
    answer = site.post("/api/v1/guidance", json={"life_events": ["death"]})
    assert answer.status_code == 200
    assert answer.json()["procedures"]


@pytest.mark.parametrize("service", ["neo4j", "web", "proxy"])
def test_nobody_is_root(service: str, site: httpx.Client, environment: dict[str, str]) -> None:
    assert compose("exec", "-T", service, "id", "-u", environment=environment).strip() != "0"


def test_no_log_has_what_a_resident_asked(site: httpx.Client, environment: dict[str, str]) -> None:
    site.get("/guide", params={"event": "death", "a": "secret-4711:yes"})
    site.get("/e/1/SECRET4711")
    logs = compose("logs", environment=environment)
    assert '"route"' in logs
    assert "4711" not in logs
