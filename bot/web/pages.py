"""Templates to pages: what every page knows, and how things are written on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from urllib.parse import quote

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.app import App
from bot.results import format
from bot.results.direction import direction_in_words
from bot.results.ways import more_in_words, people_in_words
from bot.review.cell_words import cell_writer
from bot.sources.upstream import clock
from bot.web import words
from state.codec import moment

_NO_LABELS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Pages:
    """The templates of one running program."""

    app: App
    templates: Environment

    def shown(self, at: str) -> str:
        """Write an instant as pages do."""
        return clock.shown(moment(at), self.app.protocol.time_zone)

    def show(self, template: str, *, http_status: int = 200, **values: object) -> HTMLResponse:
        """Fill a template."""
        body = self.templates.get_template(template).render(
            review=self.app.protocol,
            now=self.app.clock.now(),
            clock_set=self.app.clock.shifted,
            **{
                "person": None,
                "csrf": "",
                "path": "",
                "saved": None,
                "kept": (),
                "no_mail": False,
                **values,
            },
        )
        return HTMLResponse(body, status_code=http_status)


def load_pages(app: App) -> Pages:
    """Load the templates; a name that a template does not know is an error."""
    templates = Environment(
        loader=PackageLoader("bot.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def shown(at: object) -> str:
        read = moment(at) if isinstance(at, str) else at
        return clock.shown(read, app.protocol.time_zone)  # type: ignore[arg-type]

    templates.filters |= {
        "shown": shown,
        "day": _day,
        "count": words.count,
        "number": words.number,
        "plain": format.plain,
        "effect": format.interval,
        "sentence": format.listed,
        "direction": direction_in_words,
        "more": more_in_words,
        "people": lambda result: people_in_words(result, "participant"),
        "cell": lambda key, labels=_NO_LABELS: cell_writer(app.protocol, labels)(key),
        "said": words.said,
        "words": words.words,
        "address": lambda text: quote(str(text), safe=":"),
    }
    templates.globals |= {"messages": words.SAVED, "root": app.config.root}
    return Pages(app, templates)


def _day(text: str) -> str:
    at = date.fromisoformat(text)
    return f"{at.day} {at:%B %Y}"
