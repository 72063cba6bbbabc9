"""compose.yaml as text: nobody is root, nothing secret stands in it, everything is watched, and its files are there.

Whether it runs is tested where Docker is (`make test-containers`).
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.settings import ROOT, Settings

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def ignored(path: str) -> bool:
    """Whether the build leaves the path out."""
    kept = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    return not any(path == one or path.startswith(f"{one}/") for one in kept)


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_is_root_or_unwatched(name: str) -> None:
    service = SERVICES[name]
    user, _, group = service["user"].partition(":")
    assert int(user) >= 1000 and int(group) >= 1000
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert not service.get("privileged")


def test_only_the_proxy_can_be_reached() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert SERVICES["neo4j"]["networks"] == ["back"]
    assert COMPOSE["networks"]["back"]["internal"] is True
    (subnet,) = (one["subnet"] for one in COMPOSE["networks"]["front"]["ipam"]["config"])
    assert SERVICES["web"]["environment"]["TETSUZUKI_TRUSTED_PROXIES"] == subnet


def test_secrets_come_from_files_outside_the_repository() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not re.search("PASSWORD|AUTH|TOKEN|KEY", name) or value.startswith("/run/secrets/"), name
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])
    for secret in COMPOSE["secrets"].values():
        tracked = subprocess.run(["git", "check-ignore", "-q", secret["file"]], cwd=ROOT, check=False)
        assert tracked.returncode == 0, f"{secret['file']} could be committed"


def test_volumes_and_settings_are_known() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in COMPOSE["volumes"]
    names = {f"TETSUZUKI_{name.upper()}" for name in Settings.model_fields}
    assert {name for name in SERVICES["web"]["environment"] if name.startswith("TETSUZUKI_")} <= names


@pytest.mark.parametrize("name", [name for name in SERVICES if "build" in SERVICES[name]])
def test_what_a_build_copies_is_there_and_sent(name: str) -> None:
    text = (ROOT / SERVICES[name]["build"]["dockerfile"]).read_text(encoding="utf-8")
    copied = [word for line in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE) for word in line.split()]
    assert copied
    for path in copied:
        assert (ROOT / path).exists(), path
        assert not ignored(path), path
    assert text.rstrip().splitlines()[-1].startswith(("CMD", "USER"))
    assert f"USER {SERVICES[name]['user']}" in text


def test_the_proxy_writes_no_address_of_a_page() -> None:
    text = (ROOT / "ops" / "container" / "Caddyfile").read_text(encoding="utf-8")
    for field in ("request>uri", "request>headers", "request>remote_ip", "request>client_ip", "resp_headers"):
        assert re.search(rf"^\s*{re.escape(field)} delete$", text, re.MULTILINE)


def test_a_secret_file_is_read_as_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TETSUZUKI_NEO4J_PASSWORD", raising=False)
    (tmp_path / "tetsuzuki_neo4j_password").write_text("from a file\n")
    read = Settings(_secrets_dir=tmp_path)  # type: ignore[call-arg]
    assert read.neo4j_password is not None
    assert read.neo4j_password.get_secret_value() == "from a file"


def test_the_passwords_are_made_once_and_agree(tmp_path: Path) -> None:
    program = tmp_path / "ops" / "container" / "make_secrets.py"
    program.parent.mkdir(parents=True)
    program.write_text((ROOT / "ops" / "container" / "make_secrets.py").read_text(encoding="utf-8"))
    folder = tmp_path / "var" / "secrets"
    made: list[dict[str, str]] = []
    for _ in range(2):
        subprocess.run([sys.executable, program], check=True, capture_output=True)
        made.append({file.name: file.read_text() for file in folder.iterdir()})
    assert made[0] == made[1]
    assert set(made[0]) == {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    assert made[0]["neo4j_auth"] == f"neo4j/{made[0]['tetsuzuki_neo4j_password']}"
    assert folder.stat().st_mode & 0o777 == 0o700
