"""The settings: the only place that reads the environment. Each is documented in `ops/settings.md` (a test says so)."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
SECRETS = Path("/run/secrets")
"""Where containers find secrets: a file with the name of a setting holds its value (the environment comes first)."""


def _cache_home() -> Path:
    """The cache folder by the XDG base directory specification."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "tetsuzuki"


class Settings(BaseSettings):
    """Everything that may differ between installations; environment names carry the prefix `TETSUZUKI_`."""

    model_config = SettingsConfigDict(
        env_prefix="TETSUZUKI_",
        extra="ignore",
        frozen=True,
        secrets_dir=SECRETS if os.access(SECRETS, os.R_OK | os.X_OK) else None,
    )

    data_dir: Path = Path("./var")
    cache_dir: Path = Field(default_factory=_cache_home)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    public_url: str | None = None
    municipality: Path = ROOT / "seed" / "city" / "municipality.yaml"
    seed: Path = ROOT / "seed"

    neo4j_uri: str | None = None
    neo4j_user: str = "neo4j"
    neo4j_password: SecretStr | None = None
    neo4j_database: str = "neo4j"
    neo4j_heap: str = "512m"
    neo4j_pagecache: str = "128m"
    maven_url: str | None = None
    ca_bundle: Path | None = None
    java: Path | None = None
    java_home: Path | None = Field(default=None, validation_alias="JAVA_HOME")

    guidance_cache_entries: int = Field(default=20_000, ge=0)
    guidance_cache_bytes: int = Field(default=64 * 1024 * 1024, ge=0)
    page_cache_entries: int = Field(default=4_000, ge=0)
    page_cache_bytes: int = Field(default=128 * 1024 * 1024, ge=0)
    request_bytes: int = Field(default=256 * 1024, ge=1024)
    request_seconds: float = Field(default=10, gt=0)
    trusted_proxies: str = "127.0.0.1"
    second_person: bool = False
    archive_after_days: int = Field(default=730, ge=1)
    rate_per_minute: int = Field(default=0, ge=0)

    staff_link_minutes: int = Field(default=60, ge=1, le=10_080)
    staff_session_hours: int = Field(default=10, ge=1, le=168)
    preview_days: int = Field(default=14, ge=1, le=90)


def child_environment(**changes: str) -> dict[str, str]:
    """This process's environment for a child, with settings changed: `neo4j_uri="…"` becomes `TETSUZUKI_NEO4J_URI`."""
    return {**os.environ, **{f"TETSUZUKI_{name.upper()}": value for name, value in changes.items()}}


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
