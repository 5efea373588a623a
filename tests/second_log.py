"""The log replayed by the second reader's own hand, from docs/data-model.md alone.

Nothing of the program is imported; what no sentence of a version needs, or is sealed, is passed by.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict

STAGES = "title_abstract", "full_text"
SEALABLE = "verdict_given", "verdict_withdrawn", "values_submitted"
INCLUDED = {"place": "included", "first": "included"}
# The gravest first: how a notice on a report is called, and what it says happened to the report.
HAPPENED = {
    "retraction": ("retraction", "was retracted"),
    "republication": ("retraction with republication", "was retracted and republished"),
    "partial_retraction": ("partial retraction", "was retracted in part"),
    "concern": ("expression of concern", "is under an expression of concern"),
    "unknown_kind": (
        "notice of a kind that the program does not know",
        "bears a notice of a kind that the program does not know",
    ),
    "erratum": ("erratum", "was corrected by an erratum"),
    "update": ("update", "was updated"),
    "comment": ("comment", "was commented on"),
}

CALLED = "anzctr chictr cris ctis ctri drks euctr ictrp irct isrctn jprn jrct lbctr pactr rebec"
REGISTERS = {*CALLED.split(), "repec", "slctr", "tctr", "umin"}


def is_register(source):
    if source["kind"] != "manual":
        return source["kind"] == "ctgov"
    names = re.findall("[a-z]+", f"{source['id']} {source['name']}".lower())
    return source.get("register", any(n.startswith("regist") or n in REGISTERS for n in names))


class Review:
    """The review as the log has it up to an event: a plain replay."""

    def __init__(self, log):
        self.log, self.said, self.runs, self.signed, self.ended = log, [], [], [], []
        self.people, self.studies, self.records, self.candidates = {}, {}, {}, {}
        self.results, self.versions, self.notices, self.tasks = {}, {}, {}, {}
        self.protocol, self.published, self.gone, self.signals = {}, None, set(), {}
        self.rounds, self.moves, self.beside = defaultdict(list), defaultdict(list), {}
        self.told, self.strategies, self.queries = {}, {}, {}
        for e in log:
            if e["kind"] in TAKEN:
                TAKEN[e["kind"]](self, e["fact"], e, e["subject"])

    def found(self, f, e, about):
        self.records.setdefault(about, {"at": e["at"], "key": about}).update(f["record"])
        if "place" in f:
            place = f["place"] and f["place"]["id"]
            self.records[about].update(candidate=place, study=f["study"])
            self.candidates.setdefault(place)  # what it came to: nothing yet

    def added(self, f, e, about):
        self.studies[about] = {**f, "old": False, "at": e["at"], "first": f["place"]}
        self.give(f["candidate"], about)

    def say(self, f, e, about):
        own = {"of": about, "own": about, "seq": e["seq"], "at": e["at"], "earlier": 0, "gone": 0}
        answer = f["verdict"], f["criterion"], f["place"]
        self.said.append({"ruling": None, **f, **own, "answer": answer})
        if "ruling" in f and self.outcome(about, f["stage"]):
            self.ended.append((e["seq"], f["ruling"] == "adjudication"))

    def take_back(self, f, e, about):
        for one in self.at(about, f["stage"]):
            one["gone"] = e["seq"] if one["person"] == f["person"] else 0

    def reopen(self, f, e, about):
        for one in self.at(about, f["stage"], gone=True):
            one["earlier"] = e["seq"]
        if self.candidates[about] == "report_of":
            self.give(about, None)
        self.candidates[about] = None

    def hand_in(self, f, e, about):
        if not self.rounds[about] or len({who for _, who in self.rounds[about][-1]}) == 2:
            self.rounds[about].append([])
        self.rounds[about][-1].append((e["seq"], f["person"]))

    def see(self, f, e, about):
        known = self.notices.setdefault(about, {**f, "at": e["at"], "seq": e["seq"], "by": set()})
        known["by"].add(f["source"])
        known.update({name: known[name] or f[name] for name in ("doi", "pmid", "citation")})

    def draft(self, f, e, about):
        mine = {about, *(k for k, one in self.signals.items() if one["number"] == about)}
        self.signed = [one for one in self.signed if one["subject"] not in mine]
        if e["kind"] == "version_drafted":
            self.signals = {k: one for k, one in self.signals.items() if k not in mine}
            self.versions[about] = {**f, "at": e["at"], "seq": e["seq"], "published_at": None}

    def pair(self, f, e, key):
        """Two records become one, or two again; what was said goes with them, seat by seat."""
        record, other = self.records[key], self.records[f["other"]]
        own, to = record["candidate"], other["candidate"]
        if f["verdict"] == "same":
            record.update(candidate=to, study=other["study"])
            if own is None or self.held(own):
                return
            self.candidates[own] = "duplicate"
            for stage in STAGES if f["carries"] and to and not self.candidates[to] else ():
                seated = self.readers(to, stage)
                going = [who for who in self.readers(own, stage) if who not in seated]
                for one in self.at(own, stage, gone=True):
                    if not seated if one["ruling"] else one["person"] in going[: 2 - len(seated)]:
                        one["of"] = to
        elif f["place"]:
            for stage in STAGES if key in self.candidates and not self.candidates[own] else ():
                if len(self.readers(own, stage)) < 2:
                    for one in self.at(own, stage, gone=True):
                        one["of"] = key if one["own"] == key else own
            self.candidates[key] = None
            record.update(candidate=key, study=None)

    def give(self, candidate, study):
        for record in self.held(candidate):
            record["study"] = study

    def held(self, candidate):
        """The records of a candidate, the oldest first: it is screened for all of them."""
        held = [one for one in self.records.values() if one["candidate"] == candidate]
        return sorted(held, key=lambda one: (one["at"], one["key"] != candidate, one["key"]))

    def at(self, candidate, stage, gone=False):
        """What counts of what was said at a stage."""
        mine = (one for one in self.said if one["of"] == candidate and not one["earlier"])
        return [one for one in mine if one["stage"] == stage and (gone or not one["gone"])]

    def readers(self, candidate, stage):
        said = self.at(candidate, stage)
        return list(dict.fromkeys(one["person"] for one in said if not one["ruling"]))

    def outcome(self, candidate, stage):
        """The answer with which a stage ended, or None."""
        said = self.at(candidate, stage)
        votes = {one["person"]: one["answer"] for one in said if not one["ruling"]}
        ruled = [one["answer"] for one in said if one["ruling"] == "adjudication"]
        agreed = {one["person"]: one["answer"] for one in said if one["ruling"] == "agreement"}
        if len(votes) < 2 or ruled:
            return ruled[-1] if len(votes) == 2 else None
        if set(agreed) == set(votes) and len(set(agreed.values())) == 1:
            return next(iter(agreed.values()))
        one, two, *_ = votes.values()  # a third is in no log but a spoiled one
        if stage == "title_abstract":
            return one if (one[0] == "exclude") == (two[0] == "exclude") else None
        return one if one == two and one[0] != "unsure" else None

    def opened(self):
        """The sealable events that everybody can read: of stages and extractions done by two."""
        by = defaultdict(list)
        for one in self.said:
            if not one["ruling"]:
                by[one["of"], one["stage"], one["earlier"]].append(one)
        two = [b for b in by.values() if len({one["person"] for one in b if not one["gone"]}) > 1]
        both = [r for rounds in self.rounds.values() for r in rounds if len({w for _, w in r}) == 2]
        said = {seq for each in two for one in each for seq in (one["seq"], one["gone"])}
        return said | {seq for each in both for seq, _ in each}

    def included(self):
        return {k: one for k, one in self.studies.items() if one["place"] == "included"}

    def flow(self):
        """The column of all: each record in one box, and where the studies stand."""
        box: Counter[str] = Counter()
        by: dict[str, Counter[str]] = {name: Counter() for name in ("database", "register", "dbr")}
        registers = [s["id"] for s in self.protocol["sources"] if is_register(s)]
        for key, one in self.records.items():
            by["register" if one["source"] in registers else "database"][one["source"]] += 1
            if (name := one["candidate"]) is None or self.held(name)[0]["key"] != key:
                box["duplicates" if name else "already_known"] += 1
                continue
            title, full = (self.outcome(name, stage) for stage in STAGES)
            if title is None:
                ends = {"report_of": "records_linked", "import_withdrawn": "excluded_other"}
                box[ends.get(self.candidates[name], "records_waiting")] += 1
                continue
            box["records_screened"] += 1
            box["records_excluded" if title[0] == "exclude" else "dbr_sought_reports"] += 1
            if title[0] != "exclude":
                box["dbr_assessed" if full else "reports_waiting"] += 1
                box["reports_eligible"] += full is not None and full[0] == "include"
                if full and full[0] == "exclude":
                    by["dbr"][full[1] or "no criterion"] += 1
        inside, every = self.included(), self.studies.values()
        old, kept = [one for one in every if one["old"]], [o for o in inside.values() if o["old"]]
        reports, stay = (sum(len(o["study"]["reports"]) for o in some) for some in (old, kept))
        later = sum(o["study"] in inside and bool(o["candidate"]) for o in self.records.values())
        box.update(previous_studies=len(old), previous_reports=reports, new_reports=later)
        box.update(studies_removed=len(old) - len(kept), reports_removed=reports - stay)
        box.update(new_studies=len(inside) - len(kept), total_studies=len(inside))
        box.update(o["place"] for o in every if o["place"] in ("ongoing", "awaiting"))
        return box + Counter(total_reports=later + stay), by

    def leads(self):
        """Who has the role of lead, and who stands in for one who retired or left work waiting."""
        found = {k for k, one in self.people.items() if "lead" in one["roles"]}
        passed = [d for (who, role), d in self.beside.items() if role == "lead" and who in found]
        for who in [*found, *passed]:
            while who and self.people[who]["retired"]:
                who = self.people[who]["deputy"]
            found |= {who} - {None}
        return found

    def settled(self, signal):
        """What enough people said alike of a signal, one of them a lead, and who says so."""
        needed, leads = self.protocol["living"].get("signatures", 2), self.leads()
        signed = [one for one in self.signed if one["subject"] == signal]
        for n, last in enumerate(signed, 1):
            alike = [one for one in signed[:n] if one["verdict"] == last["verdict"]]
            if len(alike) >= needed and leads & {one["person"] for one in alike}:
                return [one for one in signed if one["verdict"] == last["verdict"]]
        return []

    def told_of(self, study):
        """The notices on a study's reports, each once: by its gravest word, with who says what."""
        names = {each["id"]: each["name"] for each in self.protocol["sources"]}
        mine = [one for one in self.notices.values() if one["study"] == study]
        for one in sorted(mine, key=lambda one: (one["at"], one["correction"])):
            twins = [other for other in mine if _same(one, other)]
            if one is min(twins, key=lambda other: list(HAPPENED).index(other["correction_kind"])):
                by = [f"told by {', '.join(names.get(who, who) for who in sorted(one['by']))}"]
                for other in (other for other in twins if other is not one):
                    word = HAPPENED[other["correction_kind"]][0]
                    more = sorted(other["by"] - one["by"])
                    by += [f"{names.get(who, who)} calls it {word}" for who in more]
                    if not more and other["at"] == one["at"]:
                        both = ", ".join(names.get(who, who) for who in sorted(other["by"]))
                        by.append(f"{both} calls it {word} as well: sources disagree")
                yield one, _cited(one), "; ".join(by)


def _same(one, other):
    ids = any(one[name] and one[name] == other[name] for name in ("doi", "pmid"))
    return one is other or (ids and one["record"] == other["record"])


def _cited(notice):
    text, doi = notice["citation"] or "", notice["doi"]
    own = f"doi:{doi}" if doi and doi not in text else None
    ids = f"PMID {notice['pmid']}" if notice["pmid"] else None, own
    return ", ".join(filter(None, (text.rstrip("."), *ids))) or "no citation"


TAKEN = {
    **dict.fromkeys(
        ("person_added", "person_changed"),
        lambda r, f, e, a: r.people.setdefault(a, {"retired": False}).update(f),
    ),
    "baseline_files_taken": lambda r, f, e, a: setattr(r, "published", f["published"]),
    "record_found": Review.found,
    "person_retired": lambda r, f, e, a: r.people[a].update(retired=True),
    "work_passed": lambda r, f, e, a: r.beside.update({(a, f["role"]): f["deputy"]}),
    "work_returned": lambda r, f, e, a: r.beside.pop((a, f["role"])),
    "protocol_adopted": lambda r, f, e, a: setattr(r, "protocol", tomllib.loads(f["body"])),
    "baseline_loaded": lambda r, f, e, a: r.studies.update(
        {
            each["study"]["id"]: {**each, "old": True, "at": e["at"], **INCLUDED}
            for each in f["studies"]
        }
    ),
    "study_described": lambda r, f, e, a: r.studies[a].update(f),
    "study_moved": lambda r, f, e, a: (
        r.moves[a].append((e, f)),
        r.studies[a].update(place=f["place"]),
    ),
    "link_settled": lambda r, f, e, a: f["study"] and r.give(a, f["study"]),
    "candidate_closed": lambda r, f, e, a: r.candidates.update({a: f["outcome"]}),
    "search_finished": lambda r, f, e, a: r.runs.append({**f["run"], "seq": e["seq"]}),
    "hand_search_told": lambda r, f, e, a: r.told.update({f["run"]: f}),
    "strategy_proposed": lambda r, f, e, a: r.strategies.update({f["strategy"]: f}),
    "strategy_adopted": lambda r, f, e, a: r.queries.update(
        {r.strategies[a]["source"]: r.strategies[a]["query"]}
    ),
    "search_withdrawn": lambda r, f, e, a: r.gone.add(a),
    "task_settled": lambda r, f, e, a: r.tasks.update({a: f["note"]}),
    "task_reopened": lambda r, f, e, a: r.tasks.pop(a, None),
    "results_computed": lambda r, f, e, a: r.results.update({a: f}),
    "version_published": lambda r, f, e, a: r.versions[a].update(f),
    "signal_raised": lambda r, f, e, a: r.signals.update({a: f}),
    "signed": lambda r, f, e, a: r.signed.append({**f, "at": e["at"]}),
    "record_changed": Review.found,
    "study_added": Review.added,
    **dict.fromkeys(("verdict_given", "ruling_given"), Review.say),
    "verdict_withdrawn": Review.take_back,
    "version_drafted": Review.draft,
    "candidate_reopened": Review.reopen,
    "values_submitted": Review.hand_in,
    "likeness_settled": Review.pair,
    "correction_seen": Review.see,
    "version_put_up_again": Review.draft,
}
