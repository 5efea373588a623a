"""The sentences of a version, put together by the second reader's own hand from docs/report.md."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from typing import Any

WORK = {
    "title_abstract": ("Titles and abstracts", "screened", "record/records"),
    "full_text": ("Full texts", "assessed", "report/reports"),
    "extraction": ("Data", "extracted", "study/studies"),
}
KINDS = {"update": "An update, with a new search.", "amendment": "An amendment."}
PLACES = {"awaiting": "awaiting classification"}
DESCRIBED = {"design": "design", "arms": "arms", "participants": "number of people"}
DESCRIBED |= {"label": "name", "reporting": "reported outcomes", "unpooled": "results in words"}


def counted(n, words):
    one, many = words.split("/")
    return f"{n:,} {one if n == 1 else many}"


def listed(names):
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def day(text):
    return f"{int(text[8:10])} {datetime.fromisoformat(text):%B} {text[:4]}"


def sentences(lines, protocol, moved):
    """The sentences that say what is in the log, under their names in results.json.

    moved: the `changes` of the version: what is computed from numbers is the oracle's
    """
    names = {each["id"]: each["name"] for each in protocol["sources"]}
    return {
        "opening": opening(lines),
        "searched": searched(lines),
        "standing_notices": list(standing(lines)),
        "whats_new": list(whats_new(lines, moved)) if lines["previous"] else [],
        "conclusion": conclusion(lines, moved),
        "methods": list(methods(lines)),
        "limits": list(limits(lines, names)),
    }


def opening(lines):
    came = lines["since_last"]
    if came is None:
        again = "The review as published, computed again from its data."
        begun = "The first version of this review, which goes on from no published one."
        return again if lines["published_review"] else begun
    kind, cause = KINDS.get(str(lines["kind"])), str(lines["cause"])
    why = f"{kind} Why now: {cause.rstrip('.')}."
    since = f"version {lines['previous']}"
    failed = f" {counted(came['failed'], 'search/searches')} failed." if came["failed"] else ""
    if not came["searches"]:
        return f"{why} No search was completed since {since}.{failed}"
    searches = counted(came["searches"], "search/searches")
    sources = counted(came["sources"], "source/sources")
    brought = counted(came["new"], "new record/new records")
    return f"{why} Since {since}, {searches} of {sources} brought {brought}.{failed}"


def searched(lines):
    days, never, world = defaultdict(list), [], lines["published_review"]
    for each in sorted(lines["sources"], key=lambda each: each["last_searched_at"] or ""):
        if each["last_searched_at"]:
            days[day(each["last_searched_at"])].append(each["source"])
        else:
            never.append(each["source"])
    since = "Not searched yet"
    if world:
        last = day(world["searched_on"])
        since = f"Not searched since the published review, whose last search was on {last}"
    said = [f"Searched on {when}: {listed(some)}." for when, some in days.items()]
    return [*said, *([f"{since}: {listed(never)}."] if never else [])]


def noticed(lines):
    """Each grave notice with its sentence."""
    for about in lines["notices"]:
        for each in (each for each in about["notices"] if each["grave"]):
            told = f"{each['cited']}; {each['told_by']}; seen on {day(each['seen_at'])}"
            yield each, f"A report of {about['study']} {each['happened']} ({told})."


def standing(lines):
    for each, said in noticed(lines):
        if each["kind"] != "erratum" or each["judged"] is None:
            yield said


def whats_new(lines, moved):
    yield from (said for each, said in noticed(lines) if each["is_new"])
    came = lines["since_last"]
    if came["included"]:
        yield f"New in the review: {listed(came['included'])}."
    for label, place in came["taken_out"]:
        yield f"{label} was moved from the included studies: {place}."
    pooled = any(each["studies_added"] or each["studies_removed"] for each in moved)
    if not (pooled or came["included"] or came["taken_out"]):
        yield "No study entered or left the review."


def conclusion(lines, moved):
    """Of a published version: all its signals are signed."""
    if lines["previous"] is None:
        return "This version is what later versions are compared with."
    if not lines["signals"]:
        return "No rule of the protocol fired: nothing says that a conclusion changed."
    weighty = [each for each in lines["signals"] if each["changes_conclusions"]]
    said = [
        f"{each['text'].rstrip('.')} ({each['rule']}, signed by {each['signed_by']})"
        for each in weighty
        if each["verdict"] == "accept"
    ]
    if said:
        return f"Conclusions changed: {'; '.join(said)}."
    start = "Results moved" if moved else "No result moved"
    return f"{start}; no conclusion changed by the rules of the protocol."


def methods(lines):
    facts, acts = lines["process"], lines["acts"]
    for what, (named, done, unit) in WORK.items():
        n, two = facts[what]["done"], facts[what]["by_two"]
        one = unit.split("/")[0]
        if n == 0:
            yield f"{named}: none were {done} for this version."
        elif two == n:
            how = f"two authors independently {done} every {one}"
            yield f"{named}: {how} ({two:,} of {n:,}, by the log)."
        else:
            of = f"{two:,} of {counted(n, unit)} were {done} by two people independently"
            yield f"{named}: {of}; of the rest the log does not show it."
    if facts["sealed"]:
        entries = counted(facts["sealed"], "entry of the log is/entries of the log are")
        rest = "what one of two people has said counts for nobody until the second has said theirs"
        yield f"{entries} sealed: {rest}."
    if facts["conflicts"]:
        third = f"{facts['adjudicated']:,} of them settled by a third person"
        yield f"{counted(facts['conflicts'], 'conflict/conflicts')} came to an end, {third}."
    if facts["in_all"]:
        yield f"All people together, by the log: {facts['in_all']}."
    if acts["unauthenticated"]:
        yield (
            f"{acts['unauthenticated']:,} of {counted(acts['all'], 'act/acts')} of people came by"
            " command line, where nobody signs in: the log has the name that was given, not a"
            " proof of it."
        )


def limits(lines, names):
    latest: dict[str, dict[str, Any]] = {}
    for each in sorted(lines["searches"], key=lambda each: each["searched_at"]):
        latest |= {} if each["withdrawn"] else {each["source"]: each}
    for source, each in latest.items():
        if each["status"] == "failed":
            last = f"The last search of {names.get(source, source)} ({day(each['searched_at'])})"
            yield f"{last} failed: {each['error'] or 'reason not reported'}."
    for source, each in latest.items():
        if each["known_items_missing"]:
            of = f"The search of {names.get(source, source)} on {day(each['searched_at'])}"
            yield f"{of} did not find again: {'; '.join(each['known_items_missing'])}."
    waiting = lines["flow"]["cumulative"].get("records_waiting", 0)
    if waiting:
        yield f"{counted(waiting, 'record waits/records wait')} to be screened."


def cause(before, now):
    """What a version is made for: what its result was computed from, beside the version before."""
    pooled = {row["study"] for each in now["results"]["analyses"] for row in each["rows"]}
    old, new = before["inputs"], now["inputs"]
    was, has = ({each["study"]: each for each in some["places"]} for some in (old, new))
    names = {study: each["label"] for study, each in {**was, **has}.items()}
    told = {study: moved(was.get(study), has.get(study), study in pooled) for study in names}
    told = {study: said for study, said in told.items() if said}
    parts = [[(said, names[study]) for study, said in told.items()]]
    rest = sorted(set(names) - set(told))
    parts.append([(numbers(old, new, study), names[study]) for study in rest])
    parts.append([(described(old, new, study), names[study]) for study in rest])
    parts.append([(reports(old, new, study), names[study]) for study in rest])
    ours, theirs = ({tuple(each) for each in some["corrected"]} for some in (old, new))
    news = [(f"a report of {{}} was {how}", names.get(s, s)) for s, how in sorted(theirs - ours)]
    lost = "(a report of {{}} is no longer called {0}"
    gone = [(lost.format(how), names.get(s, s)) for s, how in sorted(ours - theirs)]
    parts.append(news + gone)
    every = [said for part in parts for said in joined(part)] + methods_changed(old, new, names)
    shown = [said for said in every if not said.startswith("(")]
    return "; ".join(shown or [said[1:] for said in every]) or "the results were computed anew"


def joined(part):
    """What is said alike of several is said once."""
    groups: dict[str, dict[str, None]] = defaultdict(dict)
    for said, label in part:
        if said:
            groups[said][label] = None
    return [said.format(listed(list(labels))) for said, labels in groups.items()]


def moved(was, now, pooled):
    """How a study came, went or moved; what begins with a bracket no version shows."""
    added = "{} added" if pooled else "{} included, not yet in an analysis"
    if now is None or was is None:
        if now is None:
            return "{} removed"
        if now["place"] != "included":
            return f"{{}} listed as {PLACES.get(now['place'], now['place'])}"
        waits = "({} included, its data are still to be extracted"
        return waits if now["waits_for_data"] else added
    if was["place"] != now["place"]:
        start, end = (PLACES.get(each["place"], each["place"]) for each in (was, now))
        tail = ", not yet in an analysis" if end == "included" and not pooled else ""
        return f"{{}} moved from {start} to {end}{tail}"
    return added if was["waits_for_data"] and not now["waits_for_data"] else None


def numbers(old, new, study):
    """How the numbers of a study changed."""
    was, now = (
        {
            json.dumps(each["value"]["cell"], sort_keys=True): each
            for each in some["values"]
            if each["value"]["cell"]["study"] == study
        }
        for some in (old, new)
    )
    kept = was.keys() & now.keys()
    if any(was[cell]["value"]["number"] != now[cell]["value"]["number"] for cell in kept):
        return "data of {} corrected"
    if was.keys() != now.keys():
        return "values of {} withdrawn" if was.keys() - now.keys() else "values of {} added"
    again = "(the values of {} were read again, no number changed"
    return again if was != now else None


def described(old, new, study):
    was, now = ({e["id"]: e for e in some["studies"]}.get(study) for some in (old, new))
    if was is None or now is None or was == now:
        return None
    changed = [word for key, word in DESCRIBED.items() if was.get(key) != now.get(key)]
    return f"{listed(changed) or 'description'} of {{}} corrected"


def reports(old, new, study):
    was, now = (set(some["reports"].get(study, ())) for some in (old, new))
    if now - was:
        return "(a further report linked to {}"
    return "(a report of {} taken away" if was - now else None


def methods_changed(old, new, names):
    """Open decisions that were settled or raised, and another protocol or program."""
    was, now = (dict(some.get("apart", ())) for some in (old, new))
    said = []
    for decision in sorted(set(old["open_decisions"]) - set(new["open_decisions"])):
        freed = listed([names[study] for study, of in sorted(was.items()) if of == decision])
        tail = f": {freed} no longer kept apart" if freed else ""
        said.append(f"open decision {decision} settled{tail}")
    for study, decision in sorted(now.items()):
        if was.get(study) != decision:
            until = f"until the open decision {decision} is settled"
            said.append(f"{names[study]} kept apart {until}")
    if old["protocol"] != new["protocol"]:
        said.append(f"protocol version {old['protocol']} → {new['protocol']}")
    elif old["protocol_sha256"] != new["protocol_sha256"]:
        said.append("the text of the protocol changed")
    if old["engine"] != new["engine"]:
        said.append(f"(computed by {new['engine']}, before by {old['engine']}")
    return said
