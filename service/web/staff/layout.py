"""What the staff's pages have in common: the frame, a form with its refusal, and the edition that a page is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from service.accounts.permissions import Actor, Permission
from service.content.models import Edition
from service.errors import GuideError
from service.guidance.municipality import Municipality

Standing = Literal["draft", "live", "waiting", "past", "withdrawn", "discarded"]
"""What an edition is at this moment."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page: the city, who reads it, and the token for the forms on it."""

    city: Municipality
    actor: Actor | None
    form_token: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """The edition that a page is about; `base` is what it was made from, `live` the one that residents see."""

    edition: Edition
    standing: Standing
    base: Edition | None
    live: Edition | None


@dataclass(frozen=True, kw_only=True)
class StaffPage:
    """A page of staff; `current` marks the menu, `fetches` says that its scripts ask the service again."""

    template: ClassVar[str]
    current: ClassVar[str] = ""
    fetches: ClassVar[bool] = False

    frame: Frame

    @property
    def city(self) -> Municipality:
        """The municipality that the guide speaks for."""
        return self.frame.city

    @property
    def actor(self) -> Actor | None:
        """Who reads the page."""
        return self.frame.actor

    def may(self, permission: str) -> bool:
        """Whether the reader may do that, so that only such things are offered."""
        return self.actor is not None and Permission(permission) in self.actor.permissions

    @property
    def form_token(self) -> str:
        """What makes a form one of ours."""
        return self.frame.form_token


@dataclass(frozen=True, kw_only=True)
class FormPage(StaffPage):
    """A page with a form: `refusal` is why what was sent is not done, `done` the name of what just was."""

    refusal: GuideError | None = None
    done: str = ""

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return self.refusal.status if self.refusal else 200


@dataclass(frozen=True, kw_only=True)
class EditionPage(FormPage):
    """A page about one edition."""

    current: ClassVar[str] = "editions"

    about: About

    @property
    def edition(self) -> Edition:
        """The edition."""
        return self.about.edition

    @property
    def standing(self) -> Standing:
        """What it is at this moment."""
        return self.about.standing

    @property
    def base(self) -> Edition | None:
        """The edition that it was made from."""
        return self.about.base

    @property
    def live(self) -> Edition | None:
        """The edition that residents see."""
        return self.about.live

    @property
    def behind(self) -> bool:
        """Whether something was published since this draft was made, so that it has to be merged."""
        if self.standing != "draft" or self.live is None:
            return False
        return self.base is None or self.base.number != self.live.number
