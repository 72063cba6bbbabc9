"""Who acts, and what that person may do: an argument of every write, so that no way in can forget to ask."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from service.errors import Forbidden


class Permission(StrEnum):
    """What a role allows."""

    READ = "read"
    EDIT = "edit"
    PUBLISH = "publish"
    ARCHIVE = "archive"
    ADMINISTER = "administer"


class Role(StrEnum):
    """What somebody is at the guide; a person may be several."""

    EDITOR = "editor"
    APPROVER = "approver"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"


ALLOWED = {
    Role.EDITOR: frozenset({Permission.READ, Permission.EDIT}),
    Role.APPROVER: frozenset({Permission.READ, Permission.PUBLISH}),
    Role.ANALYST: frozenset({Permission.READ}),
    Role.ADMINISTRATOR: frozenset({Permission.READ, Permission.ARCHIVE, Permission.ADMINISTER}),
}
"""What each role allows; several together allow what any of them does."""


@dataclass(frozen=True, slots=True)
class Actor:
    """An account by its opaque id, which the history keeps, what it may do, and what the person is called."""

    id: str
    permissions: Collection[Permission] = field(default=frozenset(), repr=False)
    name: str = field(default="", compare=False)

    def needs(self, permission: Permission) -> None:
        """Returns if the actor may do that. Errors: Forbidden."""
        if permission not in self.permissions:
            raise Forbidden(_LACKING[permission])


OPERATOR = Actor("operator", frozenset(Permission), "運用者")
"""Who sits at the machine itself: the commands, and who comes in by a one-time link."""

_LACKING = {
    Permission.READ: "この画面は職員用です。",
    Permission.EDIT: "下書きを変える権限がありません。編集者の役割を持つ人に頼んでください。",
    Permission.PUBLISH: "公開する権限がありません。承認者の役割を持つ人に頼んでください。",
    Permission.ARCHIVE: "版を保管庫に移す権限がありません。管理者に頼んでください。",
    Permission.ADMINISTER: "アカウントを扱う権限がありません。管理者に頼んでください。",
}
