"""A clock that the tests move."""

from __future__ import annotations


class Moving:
    """Seconds that go on when they are told to; they begin with a whole minute."""

    def __init__(self) -> None:
        self.seconds = 1_000_000 * 60.0

    def __call__(self) -> float:
        return self.seconds
