"""What differs between the inputs of two results, in words. Pure.

From this comes why a version is drafted, and why not: the log's own comparison, never a guess from
what happened to move.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.results.format import listed
from state.codec import Json, canonical

# Where a study stands, in the words of the report.
PLACES: Mapping[str, str] = {"awaiting": "awaiting classification"}
# What describes a study, and what of it is named in words of its own.
_DESCRIBED: Mapping[str, str] = {
    "design": "design",
    "arms": "arms",
    "participants": "number of people",
    "label": "name",
    "reporting": "reported outcomes",
    "unpooled": "results in words",
}
_NOTHING_COUNTED = "its data are still to be extracted"
_IN_NO_ANALYSIS = "included, not yet in an analysis"


@dataclass(frozen=True, slots=True)
class InputDifference:
    """One thing that is not as it was. shown: a version of the review would show it."""

    text: str
    shown: bool


@dataclass(frozen=True, slots=True)
class _Of:
    """One difference of one study; `said` has a place for the name, and those alike are joined."""

    label: str
    said: str
    shown: bool = True


def differences(before: Json, now: Json, pooled: Collection[str]) -> tuple[InputDifference, ...]:
    """Say what differs. pooled: the studies that the later results have in an analysis."""
    return tuple(_all(before, now, pooled))


def cause_of(found: Sequence[InputDifference]) -> str:
    """Say in a few words what a version is made for."""
    shown = [each for each in found if each.shown]
    return "; ".join(each.text for each in shown or found) or "the results were computed anew"


def _all(before: Json, now: Json, pooled: Collection[str]) -> Iterator[InputDifference]:
    old, new = _places(before), _places(now)
    names = {study: each["label"] for study, each in {**old, **new}.items()}
    told = {study: said for study in names if (said := _moved(old, new, study, pooled)) is not None}
    yield from _joined(_Of(names[study], *said) for study, said in told.items())
    yield from _joined(_values(before, now, names, told))
    yield from _joined(_descriptions(before, now, names, told))
    yield from _joined(_reports(before, now, names, told))
    yield from _joined(_corrections(before, now, names))
    yield from _decisions(before, now, names)
    yield from _methods(before, now)


def _joined(every: Iterator[_Of]) -> Iterator[InputDifference]:
    """Join what is said alike of several studies: 'A 2026 and B 2027 added'."""
    groups: dict[tuple[str, bool], list[str]] = {}
    for each in every:
        groups.setdefault((each.said, each.shown), []).append(each.label)
    for (said, shown), labels in groups.items():
        yield InputDifference(said.format(listed(tuple(dict.fromkeys(labels)))), shown)


def _places(inputs: Json) -> dict[str, Json]:
    """Return where each study stood; results of older programs knew the included ones only."""
    if "places" in inputs:
        return {each["study"]: each for each in inputs["places"]}
    with_values = {each["value"]["cell"]["study"] for each in inputs["values"]}
    return {
        each["id"]: {
            "label": each["label"],
            "place": "included",
            "waits_for_data": each["id"] not in with_values,
        }
        for each in inputs["studies"]
    }


def _moved(
    old: Mapping[str, Json], new: Mapping[str, Json], study: str, pooled: Collection[str]
) -> tuple[str, bool] | None:
    """Say how a study entered, moved or left; None where it stands as it stood."""
    was, now = old.get(study), new.get(study)
    if now is None:
        return "{} removed", True
    if was is None:
        return _entered(now, pooled=study in pooled)
    if was["place"] != now["place"]:
        return _went(was["place"], now, pooled=study in pooled)
    if was["waits_for_data"] and not now["waits_for_data"]:
        return ("{} added" if study in pooled else f"{{}} {_IN_NO_ANALYSIS}"), True
    return None


def _entered(now: Json, *, pooled: bool) -> tuple[str, bool]:
    if now["place"] != "included":
        return f"{{}} listed as {_place(now['place'])}", True
    if now["waits_for_data"]:
        return f"{{}} included, {_NOTHING_COUNTED}", False
    return ("{} added" if pooled else f"{{}} {_IN_NO_ANALYSIS}"), True


def _went(was: str, now: Json, *, pooled: bool) -> tuple[str, bool]:
    said = f"{{}} moved from {_place(was)} to {_place(now['place'])}"
    if now["place"] == "included" and not pooled:
        said += ", not yet in an analysis"
    return said, True


def _place(place: str) -> str:
    return PLACES.get(place, place)


def _values(
    before: Json, now: Json, names: Mapping[str, str], told: Collection[str]
) -> Iterator[_Of]:
    """Compare the numbers of each study; those of one that entered or moved are not news."""
    old, new = _by_study(before), _by_study(now)
    for study in sorted({*old, *new} - set(told)):
        was, is_ = old.get(study, {}), new.get(study, {})
        said = _numbers(was, is_)
        if said is not None:
            yield _Of(names.get(study, study), *said)


def _by_study(inputs: Json) -> dict[str, dict[str, Json]]:
    found: dict[str, dict[str, Json]] = {}
    for each in inputs["values"]:
        cell = each["value"]["cell"]
        found.setdefault(cell["study"], {})[canonical(cell)] = each
    return found


def _numbers(was: Mapping[str, Json], now: Mapping[str, Json]) -> tuple[str, bool] | None:
    kept = was.keys() & now.keys()
    if any(was[cell]["value"]["number"] != now[cell]["value"]["number"] for cell in kept):
        return "data of {} corrected", True
    if was.keys() - now.keys():
        return "values of {} withdrawn", True
    if now.keys() - was.keys():
        return "values of {} added", True
    if any(was[cell] != now[cell] for cell in kept):
        return "the values of {} were read again, no number changed", False
    return None


def _descriptions(
    before: Json, now: Json, names: Mapping[str, str], told: Collection[str]
) -> Iterator[_Of]:
    old, new = ({each["id"]: each for each in inputs["studies"]} for inputs in (before, now))
    for study in sorted((old.keys() & new.keys()) - set(told)):
        if old[study] != new[study]:
            changed = _changed(old[study], new[study])
            what = listed(tuple(changed)) if changed else "description"
            yield _Of(names[study], f"{what} of {{}} corrected")


def _changed(old: Json, new: Json) -> list[str]:
    return [said for field, said in _DESCRIBED.items() if old.get(field) != new.get(field)]


def _reports(
    before: Json, now: Json, names: Mapping[str, str], told: Collection[str]
) -> Iterator[_Of]:
    """Say which studies gained or lost a report; their numbers are another matter."""
    new: Json = now["reports"]
    old: Json = before.get("reports", new)
    for study in sorted({*old, *new} - set(told)):
        was, is_ = set(old.get(study, ())), set(new.get(study, ()))
        label = names.get(study, study)
        if is_ - was:
            yield _Of(label, "a further report linked to {}", shown=False)
        if was - is_:
            yield _Of(label, "a report of {} taken away", shown=False)


def _corrections(before: Json, now: Json, names: Mapping[str, str]) -> Iterator[_Of]:
    old, new = (corrected_pairs(inputs) for inputs in (before, now))
    for study, what in sorted(new - old):
        yield _Of(names.get(study, study), f"a report of {{}} was {_escaped(what)}")
    for study, what in sorted(old - new):
        said = f"a report of {{}} is no longer called {_escaped(what)}"
        yield _Of(names.get(study, study), said, shown=False)


def corrected_pairs(inputs: Json) -> frozenset[tuple[str, str]]:
    """Return of which studies a report was corrected and how; older results named the studies."""
    return frozenset(
        (each, "corrected") if isinstance(each, str) else (each[0], each[1])
        for each in inputs["corrected"]
    )


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _decisions(before: Json, now: Json, names: Mapping[str, str]) -> Iterator[InputDifference]:
    """Say which open decisions were settled or raised, and what they let in or keep apart."""
    old, new = (dict(inputs.get("apart", ())) for inputs in (before, now))
    still = set(now["open_decisions"])
    for decision in sorted(set(before.get("open_decisions", ())) - still):
        freed = [names[each] for each, of in sorted(old.items()) if of == decision]
        freed_now = f": {listed(tuple(freed))} no longer kept apart" if freed else ""
        yield InputDifference(f"open decision {decision} settled{freed_now}", shown=True)
    for study, decision in sorted(new.items()):
        if old.get(study) != decision:
            said = f"{names[study]} kept apart until the open decision {decision} is settled"
            yield InputDifference(said, shown=True)


def _methods(before: Json, now: Json) -> Iterator[InputDifference]:
    if before["protocol"] != now["protocol"]:
        said = f"protocol version {before['protocol']} → {now['protocol']}"
        yield InputDifference(said, shown=True)
    elif before["protocol_sha256"] != now["protocol_sha256"]:
        yield InputDifference("the text of the protocol changed", shown=True)
    if before["engine"] != now["engine"]:
        yield InputDifference(
            f"computed by {now['engine']}, before by {before['engine']}", shown=False
        )
