"""The rendering door: the only module that knows the template engine.

A page is a frozen dataclass that names its template; the template reads it as `page` and nothing else, and a name that
the class does not have is an error, never an empty string. Templates are compiled once per process.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import ClassVar, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from service.content.japanese import told_reading
from service.settings import ROOT

TEMPLATES = ROOT / "web" / "templates"
STATIC = ROOT / "web" / "static"

_OWN_ADDRESS = re.compile(r'(\s(?:href|action|formaction|data-copy)=")(/[^"]*)')


class Page(Protocol):
    """What can be rendered: an object that names its template, relative to `web/templates`."""

    template: ClassVar[str]


def render(page: Page, *, root: str = "") -> str:
    """The page as HTML. A field that the template needs and the page lacks raises `jinja2.UndefinedError`.

    Under a `root` every address of the guide that the page leads to begins with it.
    """
    html = _template(page.template).render(page=page)
    return rooted(html, root) if root else html


def rooted(html: str, root: str) -> str:
    """Rendered HTML with its links and forms led under `root`; files and the staff pages stay where they are.

    Done here, once, so that no template can forget it. Text cannot look like an attribute: its quotes are escaped.
    """
    elsewhere = ("//", "/static/", "/staff", f"{root}/")

    def led(attribute: re.Match[str]) -> str:
        return attribute[0] if attribute[2].startswith(elsewhere) else f"{attribute[1]}{root}{attribute[2]}"

    return _OWN_ADDRESS.sub(led, html)


def render_part(page: Page) -> Markup:
    """A part of a page as HTML that may be put into other pages as it is and kept, without empty lines and indents."""
    lines = (line.strip(" ") for line in render(page).split("\n"))
    return Markup("\n".join(filter(None, lines)))


def say(macro: str, *values: object) -> str:
    """The words of a macro of `citizen/words.html` as plain text, for what is not HTML (calendar entries)."""
    words = getattr(_words(), macro)(*values)
    return " ".join(Markup(words).striptags().split())


@cache
def _words() -> object:
    return _template("citizen/words.html").module


@cache
def static_url(name: str) -> str:
    """The address of a file in `web/static`, with a digest of its bytes, so that it may be kept for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


@cache
def icon_names() -> frozenset[str]:
    """The icons that the sprite has, without their prefix `i-`."""
    return frozenset(re.findall(r'<symbol id="i-([a-z-]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))


def marked(text: object) -> Markup:
    """The text with its line breaks kept."""
    safe = str(escape(text))  # the replacing of `Markup` would escape what takes the place, each time
    return Markup(safe.replace("\n", "<br>"))


@cache
def _template(name: str) -> Template:
    return environment().get_template(name)


@cache
def environment() -> Environment:
    """The template environment of this process."""
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    templates.globals.update(static=static_url, icon_names=icon_names())
    templates.filters["marked"] = marked
    templates.filters["told_beside"] = lambda reading, name: told_reading(name, reading) if reading else None
    return templates
