"""The lists of a version: studies, what was excluded, what was published about reports."""

from __future__ import annotations

from typing import Any

from tests.second_log import HAPPENED, STAGES, Review

GRAVE = list(HAPPENED)[: list(HAPPENED).index("erratum") + 1]
STOOD = {"included": "the included studies", "ongoing": "the ongoing studies"}
STOOD |= {"awaiting": "the studies awaiting classification"}
STATES = "reported", "not_reported", "not_measured", "unclear"
DECIDED = "taken out by decision of the authors"


class Lists:
    """A part of the second reader: see `tests.second_reader`."""

    now: Review
    then: Review
    names: dict[str, str]
    after: int
    own: dict[str, Any]

    def place_of(self, name):
        study = self.now.studies[name]
        return not study["old"], study["at"], name

    def study(self, name):
        """Where a study stands, and what it is known by."""
        one, result = self.now.studies[name], self.now.results[self.own["result"]]
        study, apart = one["study"], dict(result["inputs"].get("apart", ())).get(name)
        pooled = {row["study"] for each in result["results"]["analyses"] for row in each["rows"]}
        waits = one["place"] == "included" and not one["old"] and name not in pooled
        doubt = {True: " (identifier unconfirmed)", False: ""}
        own = [each["citation"] + doubt[each["unconfirmed"]] for each in study["reports"]]
        known = {each["ids"]["pmid"] for each in study["reports"]} - {None}
        titles = tuple(each["citation"].split(". ")[0] for each in study["reports"])
        mine = [each for each in self.now.records.values() if each["study"] == name]
        for each in sorted(mine, key=lambda each: (each["at"], each["key"])):
            listed_so = each["ids"]["pmid"] in known or each["source_id"] in study["register_ids"]
            text = f"{each['title']} ({each['key']})"
            own += [] if listed_so or text.startswith(titles) else [text]
        said = {k: study[k] for k in ("id", "label", "design", "participants", "register_ids")}
        return {
            **{**said, "participants_basis": study["participants_basis"], "reports": own},
            **{"status": one["place"], "note": "; ".join(study["notes"]) or None},
            **{"open_decision": apart, "not_yet_incorporated": waits and apart is None},
        }

    def reporting(self):
        """Which outcomes the included studies report, and what was said of the others."""
        inside = self.now.included()
        cells = [
            v["value"]["cell"] for v in self.now.results[self.own["result"]]["inputs"]["values"]
        ]
        given = {(cell["study"], cell["outcome"]) for cell in cells}
        for name, one in inside.items():
            given |= {(name, each["outcome"]) for each in one["study"].get("unpooled", ())}
        for each in self.now.protocol["outcomes"]:
            line: dict[str, list[Any]] = {state: [] for state in (*STATES, "not_said", "stated")}
            for name in sorted(inside, key=self.place_of):
                said = inside[name]["study"].get("reporting", ())
                said = [one for one in said if one["outcome"] == each["id"]]
                if (name, each["id"]) in given:
                    line["reported"].append(name)
                    continue
                line[said[0]["state"] if said else "not_said"].append(name)
                line["stated"] += [
                    {"study": name, "state": one["state"], "provenance": one["provenance"]}
                    for one in said
                ]
            named = {"outcome": each["id"], "label": each["label"], "key": each.get("key", False)}
            yield {**named, **line}

    def excluded_reports(self):
        criteria = {each["id"]: each["text"] for each in self.now.protocol["criteria"]}
        for name in filter(None, self.now.candidates):
            title, full = (self.now.outcome(name, stage) for stage in STAGES)
            if title and title[0] != "exclude" and full and full[0] == "exclude":
                said = self.now.at(name, "full_text")
                third = [each["person"] for each in said if each["ruling"] == "adjudication"]
                agreed = any(each["ruling"] for each in said)
                how = "agreed after a conflict" if agreed else "independently"
                held = sorted(self.now.held(name), key=lambda each: (each["at"], each["key"]))
                yield {
                    "cited": "; ".join(f"{each['title']} ({each['key']})" for each in held),
                    **{"criterion": full[1], "reason": criteria.get(full[1], full[1] or DECIDED)},
                    "decided_by": self.called(third[-1:] or self.now.readers(name, "full_text")),
                    "how": "ruled on a conflict of two readers" if third else how,
                    "decided_on": [e["at"] for e in self.now.said if e["own"] == name][-1],
                }

    def called(self, people):
        return [self.names.get(who, who) for who in people]

    def excluded_studies(self):
        for name in sorted(self.now.studies, key=self.place_of):
            one, moves = self.now.studies[name], self.now.moves[name]
            if one["place"] == "excluded":
                event, fact = moves[-1]
                places = [each["place"] for _, each in moves]
                stood = [place for place in (one["first"], *places) if place != "excluded"][-1]
                yield {
                    **{"cited": one["study"]["label"], "criterion": None},
                    "reason": next((f["note"] for _, f in moves[::-1] if f["note"]), DECIDED),
                    "decided_by": self.called(fact["people"] or [event["actor"]]),
                    **{"how": f"moved from {STOOD[stood]}", "decided_on": event["at"]},
                }

    def notices(self):
        """What was published about the reports of studies that are, or were, included."""
        shown = {**self.then.included(), **self.now.included()}
        for name in sorted(shown, key=self.place_of):
            told = list(self.now.told_of(name))
            if any(one["correction_kind"] in GRAVE for one, *_ in told):
                label = self.now.studies[name]["study"]["label"]
                notices = [self.notice(*each) for each in told]
                yield {"study_id": name, "study": label, "notices": notices}

    def notice(self, one, cited, told_by):
        kind, happened = HAPPENED[one["correction_kind"]]
        return {
            **{"kind": kind, "happened": happened, "cited": cited, "told_by": told_by},
            **{"grave": one["correction_kind"] in GRAVE, "is_new": one["seq"] > self.after},
            **{"judged": self.now.tasks.get(f"notice:{one['correction']}"), "seen_at": one["at"]},
        }
