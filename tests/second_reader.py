"""A second reader: what a published version says, counted again from the log by another hand.

It knows docs/report.md and docs/data-model.md, imports nothing of the program, and reads the log as
anybody may (`livingreview log --json`) beside the `results.json` of versions:

    python -m tests.second_reader LOG.jsonl versions/3.1/results.json …

Every line that differs is printed; exit status 1 where one does. What is computed from numbers is
the oracle's, and when a source is late or due next is the clock's: neither is read here.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

from tests.second_lists import Lists
from tests.second_log import SEALABLE, Review
from tests.second_searches import searched
from tests.second_words import WORK, cause, counted, listed, sentences

DID = {  # in the order in which it is said
    "verdict_given": "verdict/verdicts",
    "ruling_given": "ruling/rulings",
    "link_settled": "link settled/links settled",
    "likeness_settled": "pair of records judged/pairs of records judged",
    "task_settled": "task judged/tasks judged",
    "task_reopened": "task opened again/tasks opened again",
    "values_submitted": "extraction/extractions",
    "value_adjudicated": "value adjudicated/values adjudicated",
    "signed": "signature/signatures",
}
FOLLOWS = """amendment_in_force baseline_loaded candidate_closed certificate_signed
    correction_seen entry_history_read full_text_located hand_search_told item_confirmed
    likeness_found notice_addressed notice_delivered notice_written protocol_adopted
    record_changed record_found results_computed signal_raised strategy_adopted
    strategy_proposed study_added study_described task_raised version_drafted
    version_published version_rejected"""
SPECIFIC = {"database": "specific_results", "register": "specific_results", "dbr": "excluded"}
TOLD_BY_HAND = "search part parts platform coverage shown difference"
KEYS = {"people": "name", "excluded": "cited", "studies": "id", "notices": "study_id"}
KEYS |= {"sources": "source", "reporting": "outcome"}
# Of these sentences only those that say what is in the log; the others are about numbers.
READ = {
    "sentences.whats_new": r"A report of |New in the review|.* was moved from|No study",
    "sentences.limits": r"The last search |The search of .* did not |[\d,]+ records? wait|The flow",
    "sentences.searched": r"Searched on |Not ",
}


class Said(Lists):
    """What the log says of one published version: now is the review then, before the last one's."""

    def __init__(self, log, number, moved):
        self.number, self.moved, ends = number, moved, {None: 0}
        for event in (each for each in log if each["kind"] == "version_published"):
            by, at = log[: event["seq"] - 1], event["fact"]["published_at"]
            ends[event["subject"]] = max(each["seq"] for each in by if each["at"] <= at)
            if event["subject"] == number:
                self.published_at = at
        self.now = now = Review(log[: ends[number]])
        self.own = now.versions[number]
        earlier = [each for each in now.versions.values() if each["published_at"]]
        earlier = [each for each in earlier if each["ordinal"] < self.own["ordinal"]]
        self.last = max(earlier, key=lambda each: each["ordinal"])["number"] if earlier else None
        self.after, self.then = ends[self.last], Review(log[: ends[self.last]])
        self.read = now.opened()
        self.new = self.read - self.then.opened()
        self.names = {who: each["name"] for who, each in now.people.items()}
        self.plans = {each["id"]: each for each in now.protocol["sources"]}
        self.runs = [each for each in now.runs if each["seq"] > self.after]
        self.stood = [each for each in self.runs if each["id"] not in now.gone]
        self.whole = [each for each in self.stood if each["status"] == "ok"]
        self.work()

    def work(self):
        """Count what people did: what is sealed when everybody can read it, the rest when done."""
        self.did: dict[str, Counter[str]] = defaultdict(Counter)
        self.readers: dict[str, dict[str, set[str]]] = {what: defaultdict(set) for what in WORK}
        self.acts: set[tuple[str, bool, str, int]] = set()
        act, turn = None, 0  # of one act is what follows one another by one hand at one instant
        for event in self.now.log:
            by = event["actor"], event["authenticated"], event["at"]
            act, turn = by, turn + (by != act)
            passed = event["actor"] == "system" or event["kind"] in (None, *FOLLOWS.split())
            if passed or not self.counts(event):
                continue
            self.acts.add((*by, turn))
            who = event["fact"].get("person", event["actor"])
            if event["kind"] in DID:
                self.did[who][event["kind"]] += 1
            if event["kind"] == "values_submitted":
                self.readers["extraction"][event["subject"]].add(who)
        for each in self.now.said:
            if each["seq"] in self.new and not each["gone"]:
                self.readers[each["stage"]][each["of"]].add(each["person"])

    def counts(self, event):
        sealable = event["kind"] in SEALABLE
        return event["seq"] in self.new if sealable else event["seq"] > self.after

    def lines(self):
        """Everything under the keys of results.json."""
        review, own = self.now.protocol["review"], self.own
        searched = any(each["seq"] < own["seq"] for each in self.whole)
        kind = "baseline" if self.last is None else "update" if searched else "amendment"
        lines = {
            **{"version": self.number, "previous": self.last, "kind": kind, "cause": own["cause"]},
            **{"drafted_at": own["at"], "published_at": self.published_at},
            **{"title": review["title"], "protocol_version": review["version"]},
            "engine": self.now.results[own["result"]]["engine"],
            "flow": {"cumulative": self.column(None), "this_version": self.column(self.then)},
            "acts": self.act_counts(),
            "process": self.process(),
            "people": [self.person(who) for who in sorted(self.did)],
            "searches": [self.search(each) for each in self.runs],
            "sources": [self.source(each) for each in self.plans.values()],
            "since_last": self.since_last() if self.last else None,
            "signals": [
                self.signal(each)
                for _, each in sorted(self.now.signals.items())
                if each["number"] == self.number
            ],
            "signatures": list(self.signatures()),
            "studies": [self.study(each) for each in self.now.studies],
            "excluded": [*self.excluded_reports(), *self.excluded_studies()],
            "notices": list(self.notices()),
            "reporting": list(self.reporting()),
            "published_review": self.now.published,
        }
        if self.last:
            results = self.now.results
            before = self.now.versions[self.last]["result"]
            found = cause(results[before], results[own["result"]])
            lines["cause"] = found if found == own["cause"] else [own["cause"], found]
        if kind != own["version_kind"]:
            lines["kind"] = [own["version_kind"], kind]
        return {**lines, "sentences": sentences(lines, self.now.protocol, self.moved)}

    def column(self, then):
        """A column of the flow: what the time since then added to each box, or all."""
        box, by = self.now.flow()
        was, of = then.flow() if then and self.last else (Counter(), defaultdict(Counter))
        for name in ("studies", "reports") if then and self.last else ():  # balances, carried over
            box[f"previous_{name}"], was[f"previous_{name}"] = was.pop(f"total_{name}"), 0
        found = {name: box[name] - was[name] for name in {**box, **was}}
        for name, key in SPECIFIC.items():
            steps = {each: by[name][each] - of[name][each] for each in sorted(by[name] | of[name])}
            found[f"{name}_{key}"] = "; ".join(f"{each}, {n}" for each, n in steps.items() if n)
            found |= {f"{name}_results": sum(steps.values())} if name != "dbr" else {}
        return found

    def act_counts(self):
        named = sum(not signed_in for _, signed_in, *_ in self.acts)
        return {"all": len(self.acts), "unauthenticated": named}

    def process(self):
        """How the work was done."""
        ended = [third for seq, third in self.now.ended if seq > self.after]
        sealed = [each for each in self.now.log if each["kind"] in (None, *SEALABLE)]
        two = {
            what: Counter(len(who) > 1 for who in r.values()) for what, r in self.readers.items()
        }
        return {
            **{what: {"done": n.total(), "by_two": n[True]} for what, n in two.items()},
            **{"conflicts": len(ended), "adjudicated": sum(ended)},
            "sealed": sum(each["seq"] not in self.read for each in sealed),
            "in_all": self.in_words(sum(self.did.values(), Counter())),
        }

    def in_words(self, counts):
        return ", ".join(counted(counts[kind], DID[kind]) for kind in DID if counts[kind])

    def person(self, who):
        role = ", ".join(self.now.people.get(who, {"roles": ()})["roles"])
        did = self.in_words(self.did[who])
        return {"name": self.names.get(who, who), "role": role, "did": did}

    def made(self, run):
        by_hand = self.plans.get(run["source"], {}).get("kind") == "manual"
        return run["started_at" if by_hand else "finished_at"]

    def search(self, run):
        missing = [f"{each['id']} {each['title']}" for each in run["known_items_missing"]]
        said = {name: run[name] for name in ("source", "query", "status", "found", "new", "error")}
        said |= {"searched_at": self.made(run), "known_items_missing": missing}
        said["by_hand"] = self.told_by_hand(self.now.told.get(run["id"]))
        return {**said, "withdrawn": run["id"] in self.now.gone}

    def told_by_hand(self, told):
        if told is None:
            return None
        said = {name: told[name] for name in TOLD_BY_HAND.split()}
        return {**said, "searched_by": self.names.get(told["person"], told["person"])}

    def source(self, plan):
        """When a source was searched whole for the last time."""
        good = [each for each in self.now.runs if each["source"] == plan["id"]]
        good = [each for each in good if each["status"] == "ok" and each["id"] not in self.now.gone]
        said = {"source": plan["name"], "kind": plan["kind"], "schedule": plan["schedule"]}
        last = max(map(self.made, good), default=None)
        if plan["kind"] == "manual":
            last = searched(self.now.queries.get(plan["id"], ""), good, self.now.told)
        return {**said, "last_searched_at": last}

    def since_last(self):
        was, now = self.then.included(), self.now.included()
        order = sorted(self.now.studies, key=self.place_of)
        label = {name: self.now.studies[name]["study"]["label"] for name in order}
        out = [name for name in order if name in was and name not in now]
        return {
            **{"searches": len(self.whole), "failed": len(self.stood) - len(self.whole)},
            "sources": len({each["source"] for each in self.whole}),
            **{name: sum(each[name] for each in self.whole) for name in ("found", "new")},
            "included": [label[name] for name in order if name in now and name not in was],
            "taken_out": [[label[name], self.now.studies[name]["place"]] for name in out],
        }

    def signal(self, fact):
        alike = self.now.settled(fact["signal"])
        said = {name: fact[name] for name in ("rule", "analysis", "text", "changes_conclusions")}
        said["signed_by"] = listed([self.names[each["person"]] for each in alike]) or None
        reasons = "; ".join(each["reason"] for each in alike if each["reason"])
        return {
            **said,
            "verdict": alike[0]["verdict"] if alike else None,
            "reason": reasons or None,
        }

    def signatures(self):
        leads = self.now.leads()
        for each in self.now.signed:
            if (each["subject"], each["verdict"]) == (self.number, "accept"):
                who = each["person"]
                yield {"name": self.names[who], "at": each["at"], "lead": who in leads}


def flat(value, path=""):
    """Every line of what is said, under its name: 'people[Ada Reader].did'."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from flat(each, f"{path}.{name}")
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield f"{path[1:]}.n", len(value)
        for i, each in enumerate(value):
            yield from flat(each, f"{path}[{each.get(KEYS.get(path[1:]), i)}]")
    else:
        some = READ.get(path[1:], "")
        is_text = isinstance(value, list) and path.startswith(".sentences")
        yield path[1:], [each for each in value if re.match(some, each)] if is_text else value


def differences(log, version):
    """Say where the log and a version differ, line by line."""
    says = dict(flat(Said(log, version["version"], version["changes"]).lines()))
    printed = {f"{name}.n": 0 for name in KEYS} | dict(flat(version))
    flows = {path for path in printed if path.startswith("flow.")}
    for path in sorted(flows | set(says)):
        one, other = printed.get(path), says.get(path)
        if one != other and (one or other or path not in flows):
            yield f"{version['version']} {path}: printed {one!r}, by the log {other!r}"


def main(paths):
    log = [json.loads(line) for line in Path(paths[0]).read_text("utf-8").splitlines()]
    found = [
        line
        for path in paths[1:]
        for line in differences(log, json.loads(Path(path).read_text("utf-8")))
    ]
    sys.stdout.write("".join(f"{line}\n" for line in found) + f"{len(found)} differences\n")
    return min(1, len(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
