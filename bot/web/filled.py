"""Put what somebody typed back into the form of a page, with what was wrong at its field.

A page is read as it stands and its form is found by the address that it is sent to, so that every
form of every page, and any later one, takes back what was typed without a word of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import unquote

Typed = Mapping[str, Sequence[str]]  # name of a field -> what was typed or ticked

_WRITTEN = frozenset({"text", "search", "email", "number", "date", "tel", "url"})
_TICKED = frozenset({"radio", "checkbox"})


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be said in a form: at its head, and at fields by their names.

    tone: `fault` for what was refused, `kept` for what stands in the form again. discard: the id of
    the form on the page that throws it away.
    """

    lines: tuple[str, ...]
    at: Mapping[str, str] = field(default_factory=dict)
    tone: str = "fault"
    discard: str | None = None


def fill(page: str, action: str, typed: Typed, said: Said) -> str | None:
    """Return a page with its form filled; None where no form of the page goes to that address.

    Of several forms with one address the first is filled whose hidden fields agree with what was
    typed.
    """
    for start, end in _forms(page, action):
        form = page[start:end]
        if _hidden_agree(form, typed):
            return page[:start] + _filled(form, typed, said) + page[end:]
    return None


def head_of(page: str, said: Said, typed: Typed) -> str:
    """Return a page that has no such form (any more) with what was said and typed at its head."""
    shown = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>"
        for name, texts in typed.items()
        for text in texts
        if text
    )
    kept = f'<p>What you typed:</p><dl class="facts">{shown}</dl>' if shown else ""
    return page.replace("</h1>", f"</h1>{_head(said, kept)}", 1)


def _head(said: Said, more: str = "") -> str:
    lines = "".join(f"<p>{escape(each)}</p>" for each in said.lines)
    button = f'<button form="{said.discard}" class="quiet">Throw it away</button>'
    return (
        f'<div class="{said.tone}" role="alert">{lines}{more}{button if said.discard else ""}</div>'
    )


class _Reader(HTMLParser):
    """Reads a page and knows at which letter each tag begins."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = text
        self._lines = [0, *(each.end() for each in re.finditer("\n", text))]

    @property
    def here(self) -> int:
        """Where the tag just met begins."""
        line, column = self.getpos()
        return self._lines[line - 1] + column

    @property
    def behind(self) -> int:
        """Where the start tag just met ends."""
        return self.here + len(self.get_starttag_text() or "")

    def read(self) -> None:
        """Read the whole text."""
        self.feed(self.text)
        self.close()


Attributes = list[tuple[str, str | None]]


class _FormFinder(_Reader):
    def __init__(self, text: str, action: str) -> None:
        super().__init__(text)
        self.found: list[tuple[int, int]] = []
        self._action, self._start = action, -1

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if tag == "form" and unquote(dict(attrs).get("action") or "") == self._action:
            self._start = self.here

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._start >= 0:
            self.found.append((self._start, self.here + len("</form>")))
            self._start = -1


def _forms(page: str, action: str) -> list[tuple[int, int]]:
    finder = _FormFinder(page, action)
    finder.read()
    return finder.found


class _HiddenFields(_Reader):
    """Gathers the hidden fields of a form."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") == "hidden":
            self.found.append((given.get("name") or "", given.get("value") or ""))


OF_THE_SITE = frozenset({"csrf", "page", "back"})  # hidden fields that tell nothing of the object


def _hidden_agree(form: str, typed: Typed) -> bool:
    hidden = _HiddenFields(form)
    hidden.read()
    told = [(name, value) for name, value in hidden.found if name not in OF_THE_SITE]
    return all(value in typed.get(name, (value,)) for name, value in told)


class _Filler(_Reader):
    """Writes a form anew with what was typed."""

    def __init__(self, form: str, typed: Typed, said: Said) -> None:
        super().__init__(form)
        self._typed, self._said = typed, said
        self._changes: list[tuple[int, int, str]] = []  # from, to, instead
        self._told: set[str] = set()
        self._textarea: tuple[str, int] | None = None
        self._select: str | None = None
        self._legend_end = -1

    def result(self) -> str:
        """Return the form as it is now."""
        parts, at = [], 0
        for start, end, instead in sorted(self._changes, key=lambda each: each[0]):
            parts += [self.text[at:start], instead]
            at = end
        return "".join([*parts, self.text[at:]])

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        match tag:
            case "form":
                self._insert(self.behind, _head(self._said))
            case "fieldset":
                self._legend_end = -1
            case "input":
                self._input(given, name)
            case "textarea":
                self._say_at(name, self.here)
                self._textarea = name, self.behind
            case "select":
                self._say_at(name, self.here)
                self._select = name
            case "option" if self._select is not None:
                chosen = (given.get("value") or "") in self._typed.get(self._select, ())
                self._switch(tag, given, "selected", on=chosen)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea is not None:
            self._fill_textarea(*self._textarea)
            self._textarea = None
        elif tag == "select":
            self._select = None
        elif tag == "legend":
            self._legend_end = self.here + len("</legend>")

    def _fill_textarea(self, name: str, start: int) -> None:
        if self._typed.get(name):
            self._changes.append((start, self.here, escape(self._typed[name][0])))

    def _input(self, given: dict[str, str | None], name: str) -> None:
        kind = given.get("type") or "text"
        if kind in _TICKED:
            self._say_at(name, self._legend_end if self._legend_end >= 0 else self.here)
            ticked = given.get("value") or ("on" if kind == "checkbox" else "")
            self._switch("input", given, "checked", on=ticked in self._typed.get(name, ()))
        elif kind in _WRITTEN:
            self._say_at(name, self.here)
            if self._typed.get(name):
                self._rewrite("input", given | {"value": self._typed[name][0]})

    def _switch(self, tag: str, given: dict[str, str | None], name: str, *, on: bool) -> None:
        others = {each: value for each, value in given.items() if each != name}
        self._rewrite(tag, others | ({name: None} if on else {}))

    def _rewrite(self, tag: str, given: dict[str, str | None]) -> None:
        written = "".join(
            f" {name}" if value is None else f' {name}="{escape(value)}"'
            for name, value in given.items()
        )
        self._changes.append((self.here, self.behind, f"<{tag}{written}>"))

    def _say_at(self, name: str, place: int) -> None:
        if name in self._said.at and name not in self._told:
            self._told.add(name)
            self._insert(place, f'<span class="at-field">{escape(self._said.at[name])}</span>')

    def _insert(self, place: int, text: str) -> None:
        self._changes.append((place, place, text))


def _filled(form: str, typed: Typed, said: Said) -> str:
    filler = _Filler(form, typed, said)
    filler.read()
    return filler.result()


def without_site_fields(fields: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    """Return what a person typed: the fields of a form but those that the site put there."""
    typed: dict[str, list[str]] = {}
    for name, text in fields:
        if name not in OF_THE_SITE:
            typed.setdefault(name, []).append(text)
    return typed
