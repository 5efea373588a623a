"""Templates to pages: what every page knows, and how things are written on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import CodeType, MappingProxyType
from urllib.parse import quote

from fastapi.responses import HTMLResponse
from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.bccache import Bucket
from jinja2.runtime import Context

from bot.app import App
from bot.results import format
from bot.results.direction import direction_in_words
from bot.results.ways import more_in_words, people_in_words
from bot.review.cell_words import cell_writer
from bot.sources.upstream import clock
from bot.web import words
from state.codec import moment

_NO_LABELS: Mapping[str, str] = MappingProxyType({})


class CompiledTemplates(BytecodeCache):
    """Templates compiled once a process, whichever of its reviews shows them first."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket where its template was compiled as it is now."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what a template was compiled to."""
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


_COMPILED = CompiledTemplates()


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
        bytecode_cache=_COMPILED,
    )

    # What asks the review asks for the context as well: else what it makes of a constant would be
    # compiled into the template, which other reviews show too.
    @pass_context
    def shown(_context: Context, at: object) -> str:
        read = moment(at) if isinstance(at, str) else at
        return clock.shown(read, app.protocol.time_zone)  # type: ignore[arg-type]

    @pass_context
    def cell(_context: Context, key: str, labels: Mapping[str, str] = _NO_LABELS) -> str:
        return cell_writer(app.protocol, labels)(key)

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
        "cell": cell,
        "said": words.said,
        "words": words.words,
        "address": lambda text: quote(str(text), safe=":"),
    }
    templates.globals |= {"messages": words.SAVED, "root": app.config.root}
    return Pages(app, templates)


def _day(text: str) -> str:
    at = date.fromisoformat(text)
    return f"{at.day} {at:%B %Y}"
