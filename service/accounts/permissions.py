"""Who acts, and what that person may do: an argument of every write, so that no way in can forget to ask."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from service.errors import Forbidden


class Permission(StrEnum):
    """What a role allows; roles themselves come with the accounts."""

    READ = "read"
    EDIT = "edit"
    PUBLISH = "publish"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Actor:
    """An account by its opaque id, which the history keeps, and what it may do."""

    id: str
    permissions: Collection[Permission] = field(default=frozenset(), repr=False)

    def needs(self, permission: Permission) -> None:
        """Returns if the actor may do that. Errors: Forbidden."""
        if permission not in self.permissions:
            raise Forbidden(_LACKING[permission])


OPERATOR = Actor("operator", frozenset(Permission))
"""Who sits at the machine itself: the commands, and the staff pages until accounts exist."""

_LACKING = {
    Permission.READ: "この画面は職員用です。",
    Permission.EDIT: "下書きを変える権限がありません。編集者の役割を持つ人に頼んでください。",
    Permission.PUBLISH: "公開する権限がありません。承認者の役割を持つ人に頼んでください。",
    Permission.ARCHIVE: "版を保管庫に移す権限がありません。管理者に頼んでください。",
}
