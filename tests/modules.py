"""Every module of `service/`, imported."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType


def modules(package: str = "service") -> Iterator[ModuleType]:
    """The modules of the package and of all packages in it."""
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        yield importlib.import_module(found.name)
