"""What a browser would send of the forms of a page, read out of its HTML as browsers read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

Pair = tuple[str, str]


@dataclass
class _Control:
    tag: str
    name: str
    value: str = ""
    options: list[tuple[str, bool]] = field(default_factory=list)


class _Fields(HTMLParser):
    """The successful controls, in order; buttons are pressed by who asks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pairs: list[Pair] = []
        self._open: _Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "input" and name and given.get("type") not in {"submit", "button"}:
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                value = given.get("value", "on")
                is_line = given.get("type") in {"text", "search"}
                self.pairs.append((name, value.replace("\n", "").replace("\r", "") if is_line else value))
        elif tag in {"select", "textarea"}:
            self._open = _Control(tag, name)
        elif tag == "option" and self._open:
            self._open.options.append((given.get("value", ""), "selected" in given))

    def handle_data(self, data: str) -> None:
        if self._open and self._open.tag == "textarea":
            self._open.value += data

    def handle_endtag(self, tag: str) -> None:
        if self._open is None or tag != self._open.tag:
            return
        control, self._open = self._open, None
        if tag == "select":
            chosen = [value for value, selected in control.options if selected]
            self.pairs.append((control.name, chosen[-1] if chosen else control.options[0][0]))
        else:
            text = control.value.removeprefix("\n").replace("\n", "\r\n")
            self.pairs.append((control.name, text))


def sent(html: str) -> tuple[Pair, ...]:
    """The names and values that would be sent, in the order of the page."""
    reader = _Fields()
    reader.feed(html)
    return tuple(reader.pairs)
