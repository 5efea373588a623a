"""A changed strategy takes effect when people agree, not when its file is saved.

Until then every search runs the query in force. What a new one gains and loses is found by asking
the source both; the amendment shows it, and known items that would be lost come first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bot.app import App
from bot.errors import SourceError
from bot.notify import messages
from bot.notify.messages import EVERYBODY
from bot.notify.page_address import page_address
from bot.review.baseline import KnownItem
from bot.review.protocol import SourcePlan
from bot.review.strategy_lint import lint
from bot.sources.answer import SourceAnswer
from bot.sources.catalogue import SOURCES
from bot.sources.source import Asks
from bot.surveillance.adopted_strategies import folders_amendment, query_in_force
from extraction.record_keys import own_ids
from state import outbox, strategies, versions
from state.attempts import PutBack, ToStore
from state.codec import Json
from state.events import Ledger
from state.runs import Work

MOST_SHOWN = 20  # as many titles as a page shows; the counts say how many there are

AskFor = Callable[[App, SourcePlan, str], SourceAnswer]


def propose_changed_strategy(app: App, work: Work, ask_for: AskFor) -> ToStore:
    """Compare a changed query with the one in force, and return the proposal to store."""
    plan = next(
        (each for each in app.protocol.sources if folders_amendment(app, each) == work.key), None
    )
    if plan is None:  # the file was edited again: what it said before is nobody's proposal
        return ToStore(lambda _: None)
    comparison = compare_strategies(app, plan, app.review.queries[plan.id], ask_for)
    if (error := comparison["error"]) is not None:
        return ToStore(lambda _: PutBack(error))
    return ToStore(lambda ledger: _propose(app, ledger, plan, work.key, comparison))


def compare_strategies(app: App, plan: SourcePlan, query: str, ask_for: AskFor) -> Json:
    """Return what a query gains and loses against the one in force, its lint, and any error."""
    with app.database.reading() as connection:
        old = query_in_force(app, connection, plan.id)
    findings = [
        {"line": each.line, "weight": each.weight.value, "text": each.text}
        for each in lint(app.review.strategies[plan.id], plan.kind)
    ]
    empty: Json = {
        "old_found": None,
        "new_found": None,
        "gained": [],
        "lost": [],
        "known_items_lost": [],
        "known_items_gained": [],
        "said_by_source": [],
        "lint": findings,
        "error": None,
    }
    if not _is_queried(plan):
        return empty
    try:
        before, after = ask_for(app, plan, old), ask_for(app, plan, query)
    except SourceError as error:
        return empty | {"error": str(error)}
    return empty | _difference(app, plan, before, after)


def _is_queried(plan: SourcePlan) -> bool:
    """Whether two strategies of a source can be asked and compared: of seeds there is no query."""
    source = SOURCES.get(plan.kind)
    return source is not None and source.asks is not Asks.SEEDS


def _propose(app: App, ledger: Ledger, plan: SourcePlan, name: str, comparison: Json) -> None:
    query = app.review.queries[plan.id]
    strategies.propose_strategy(ledger, name, plan.id, query, comparison)
    text = "\n".join(comparison_lines(plan, comparison))
    versions.propose_amendment(ledger, name, text=text, cause=plan.id)
    notice = messages.amendment_proposed(name, text, page_address(app))
    outbox.write(ledger, notice, outbox.recipients(ledger.connection, *EVERYBODY))


def comparison_lines(plan: SourcePlan, found: Json, *, changed: bool = True) -> list[str]:
    """Say what a strategy does beside the one in force, the losses first."""
    lines = [_changed_or_not(plan, changed=changed)]
    if found["new_found"] is None:
        lines.append("What it gains and loses cannot be asked from here.")
    else:
        lines.append(
            f"Records: {found['old_found']} before, {found['new_found']} after;"
            f" {len(found['gained'])} gained, {len(found['lost'])} lost."
        )
    for item in found["known_items_lost"]:
        lines.append(f"KNOWN ITEM LOST: {item['id']} {item['title']}")
    lines += [
        f"known item gained: {item['id']} {item['title']}" for item in found["known_items_gained"]
    ]
    lines += [f"lost: {each['id']} {each['title']}" for each in found["lost"][:MOST_SHOWN]]
    lines += [f"gained: {each['id']} {each['title']}" for each in found["gained"][:MOST_SHOWN]]
    lines += [f"line {each['line']}, {each['weight']}: {each['text']}" for each in found["lint"]]
    lines += [f"the source says: {each}" for each in found["said_by_source"]]
    return lines


def _changed_or_not(plan: SourcePlan, *, changed: bool) -> str:
    if not changed:
        return f"The strategy of {plan.name} is the one in force."
    return (
        f"The strategy of {plan.name} was changed; searches run the old one until two have accepted"
        " the new one, one of them the lead."
    )


def _difference(app: App, plan: SourcePlan, before: SourceAnswer, after: SourceAnswer) -> Json:
    old, new = _titles(before), _titles(after)
    old_ids, new_ids = _ids(before), _ids(after)
    items = [item for item in app.review.known_items if plan.id in item.sources]
    return {
        "old_found": len(old),
        "new_found": len(new),
        "gained": _only_in(new, old),
        "lost": _only_in(old, new),
        "known_items_lost": _items_in(items, old_ids - new_ids),
        "known_items_gained": _items_in(items, new_ids - old_ids),
        "said_by_source": list(after.warnings),
    }


def _titles(answer: SourceAnswer) -> dict[str, str]:
    return {record.key: record.title for record in answer.records}


def _ids(answer: SourceAnswer) -> set[str]:
    return {name for record in answer.records for name in own_ids(record)}


def _only_in(titles: Mapping[str, str], others: Mapping[str, str]) -> list[Json]:
    return [{"id": key, "title": title} for key, title in titles.items() if key not in others]


def _items_in(items: Iterable[KnownItem], ids: set[str]) -> list[Json]:
    return [{"id": item.id, "title": item.title} for item in items if item.id in ids]
