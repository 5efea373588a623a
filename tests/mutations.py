"""One wrong word in a log, for each kind of fact and field that a version says something of.

A mutation changes one field of one event that a seed draws, and names the lines that must then
differ from what was published, and those that may (they say the same fact again). No other may.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from random import Random
from typing import Any

Event = dict[str, Any]
Change = Callable[[Any], Any]
Log = Sequence[Event]


@dataclass(frozen=True, slots=True)
class Mutation:
    """A field (a path into the event), its wrong content, and the lines that this turns false.

    of: which of the kind's events are meant, where not every one is told of.
    """

    kind: str
    field: str
    change: Change
    must: tuple[str, ...]
    may: tuple[str, ...] = ()
    of: Callable[[Event], bool] = lambda _: True

    @property
    def name(self) -> str:
        return f"{self.kind}.{self.field}"

    def apply(self, log: Log, draw: Random) -> tuple[list[Event], int]:
        """Return the log with the change, and the number of the event that it struck."""
        meant = [i for i, each in enumerate(log) if each["kind"] == self.kind and self.of({**each})]
        struck = draw.choice(_told_of(log, meant))
        event = copy.deepcopy({**log[struck]})
        place, *path = reversed(self.field.split("."))
        inner: Any = event if self.field in event else event["fact"]
        for step in reversed(path):
            inner = inner[int(step) if step.isdigit() else step]
        inner[place] = self.change(inner[place])
        return [*log[:struck], event, *log[struck + 1 :]], int(event["seq"])

    def unexpected(self, lines: Sequence[str]) -> list[str]:
        """Say which lines differ that should not, and which should and do not."""
        known = (*self.must, *self.may)
        beside = [each for each in lines if not _one_of(each, known)]
        unseen = [f"not seen: {each}" for each in self.must if not _any(lines, each)]
        return beside + unseen


def _told_of(log: Log, meant: Sequence[int]) -> list[int]:
    """Leave out drafts that gave way or were rejected, with what was computed and signed."""
    last = {(each["kind"], each["subject"]): i for i, each in enumerate(log)}
    drafts = [each for i, each in enumerate(log) if last[each["kind"], each["subject"]] == i]
    results = [each["fact"]["result"] for each in drafts if each["kind"] == "version_drafted"]
    gone = {"version_drafted", "signal_raised"}
    return [
        i
        for i in meant
        if not (log[i]["kind"] in gone and last[log[i]["kind"], log[i]["subject"]] != i)
        and (log[i]["kind"] != "results_computed" or log[i]["subject"] in results)
        and (log[i]["kind"] != "signed" or i > _put_up(log, log[i]["fact"]["subject"]))
    ]


def _put_up(log: Log, subject: str) -> int:
    """Return when the version of which somebody signed this was put up for signatures last."""
    of_signals = {e["subject"]: e["fact"]["number"] for e in log if e["kind"] == "signal_raised"}
    subjects = {subject, of_signals.get(subject)}
    put_up = ("version_drafted", "version_put_up_again")
    found = [i for i, e in enumerate(log) if e["kind"] in put_up and e["subject"] in subjects]
    return max(found, default=-1)


def _one_of(line: str, globs: Sequence[str]) -> bool:
    return any(_match(line, each) for each in globs)


def _any(lines: Sequence[str], glob: str) -> bool:
    return any(_match(line, glob) for line in lines)


def _match(line: str, glob: str) -> bool:
    return fnmatchcase(line, glob.replace("[", "<").replace("<", "[[]"))


def to(value: object) -> Change:
    return lambda _: value


def other(text: Any) -> Any:
    return f"{text}, or not"


def later(instant: str) -> str:
    """Return another instant of the same day's hour: only seconds differ."""
    return f"{instant[:17]}{(int(instant[17:19]) + 7) % 60:02}{instant[19:]}"


def another_day(instant: str) -> str:
    return f"2019{instant[4:]}"


def more(n: int) -> int:
    return n + 1


def in_text(old: str, new: str) -> Change:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


def named(*subjects: str) -> Callable[[Event], bool]:
    return lambda event: event["subject"] in subjects


def at(stage: str) -> Callable[[Event], bool]:
    return lambda event: event["fact"]["stage"] == stage


def run_is(**said: object) -> Callable[[Event], bool]:
    return lambda event: said.items() <= event["fact"]["run"].items()


def lines(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Lines that say one fact again.
HANDS = lines("people* process.* acts.* sentences.methods")
NAMES = lines(
    "people* signatures*.name signals*.signed_by excluded*.decided_by sentences.conclusion"
)
OF_RECORD = lines("flow.* sentences.limits studies*.reports* excluded*")
OF_STUDY = lines("flow.* since_last.* studies* sentences.* notices* cause excluded*")
OF_RUN = lines("searches[* since_last.* sentences.* sources*.last_searched_at kind")

EVERY_HAND = HANDS + OF_RECORD
NOTED = lines("notices* sentences.standing_notices sentences.whats_new")
STANDING = ("central", "embase")  # searched by hand in the year, and not taken back
TAKEN_BACK = "pubmed:990000044"  # one verdict on it was, and counts no more
BY_HAND = ("embase", "central", "ictrp")
WAITING = ("pubmed:99000003",)
EXCLUDED, INDEPENDENTLY, AGAIN = (f"pubmed:9900000{n}" for n in (41, 47, 48))


MUTATIONS = (
    Mutation("person_added", "name", other, ("people*",), NAMES, named("ben")),
    Mutation("person_added", "roles", to(["operator"]), ("people*.role",), (), named("ben")),
    Mutation(
        "person_added",
        "roles",
        to(["screener"]),
        ("signatures*.lead", "people*.role"),
        ("signals*", "sentences.conclusion"),
        named("dora"),
    ),
    Mutation("protocol_adopted", "body", in_text('title = "Imm', 'title = "An imm'), ("title",)),
    Mutation(
        "protocol_adopted",
        "body",
        in_text('version = "2"', 'version = "9"'),
        ("protocol_version",),
        of=named("2"),
    ),
    Mutation("protocol_adopted", "body", in_text("Intervention: ", "No: "), ("excluded*.reason",)),
    Mutation(
        "protocol_adopted",
        "body",
        in_text('name = "Embase"', 'name = "Embassy"'),
        ("sources*",),
        ("sentences.searched", "sentences.limits"),
    ),
    Mutation(
        "protocol_adopted",
        "body",
        in_text('kind = "ctgov"', 'kind = "pubmed"'),
        ("flow.*.register_specific_results", "flow.*.database_specific_results", "sources*.kind"),
        ("flow.*_results",),
    ),
    Mutation("baseline_loaded", "studies.1.study.label", other, ("studies*.label",)),
    Mutation("baseline_loaded", "studies.1.study.participants", more, ("studies*.participants",)),
    Mutation(
        "baseline_loaded",
        "studies.1.study.reports",
        lambda some: some[1:],
        ("flow.*.previous_reports", "flow.*.total_reports", "studies*.reports"),
        ("flow.*.new_reports",),
    ),
    Mutation(
        "baseline_loaded",
        "studies.1.study.reporting.0.state",
        to("not_measured"),
        ("reporting*.not_measured", "reporting*.unclear", "reporting*.state"),
    ),
    Mutation("study_added", "study.label", other, ("studies*.label",), OF_STUDY, named("doe2026")),
    Mutation(
        "study_added",
        "place",
        to("awaiting"),
        ("studies*.status", "flow.*.awaiting"),
        (*OF_STUDY, "reporting*"),
    ),
    Mutation("study_described", "study.participants", to(3), ("studies*.participants",)),
    Mutation("study_described", "study.design", to("other"), ("studies*.design",)),
    Mutation(
        "study_moved",
        "place",
        to("ongoing"),
        ("studies*.status", "flow.*.ongoing", "since_last.taken_out"),
        OF_STUDY,
    ),
    Mutation("study_moved", "note", other, ("excluded*.reason",)),
    Mutation("study_moved", "people", to(["ben"]), ("excluded*.decided_by",)),
    Mutation("study_moved", "at", another_day, ("excluded*.decided_on",), HANDS),
    Mutation(
        "record_found",
        "record.source",
        to("europepmc"),
        ("flow.*.database_specific_results",),
        ("flow.*_results",),
        lambda e: e["fact"]["record"]["source"] != "europepmc",
    ),
    Mutation(
        "record_found",
        "place",
        to(None),
        ("flow.*.already_known",),
        OF_RECORD,
        named(*WAITING),
    ),
    Mutation("record_found", "record.title", other, ("excluded*",), (), named("pubmed:990000042")),
    Mutation(
        "record_found",
        "study",
        to("harbo2009"),
        ("studies*.reports",),
        OF_RECORD,
        named(*WAITING),
    ),
    Mutation(
        "record_changed", "record.source", to("central"), ("flow.*_specific_results",), OF_RECORD
    ),
    Mutation(
        "verdict_given",
        "verdict",
        to("include"),
        ("flow.*.records_excluded",),
        OF_RECORD,
        lambda e: e["subject"] == EXCLUDED,
    ),
    Mutation("verdict_given", "person", to("cy"), ("people*",), HANDS + OF_RECORD),
    Mutation(
        "verdict_given",
        "stage",
        to("full_text"),
        ("process.title_abstract.*",),
        EVERY_HAND,
        lambda e: at("title_abstract")(e) and e["subject"] != TAKEN_BACK,
    ),
    Mutation(
        "verdict_given",
        "criterion",
        to("E4"),
        ("flow.*.dbr_assessed", "excluded*"),
        EVERY_HAND,
        lambda e: at("full_text")(e) and e["subject"] == INDEPENDENTLY,
    ),
    Mutation(
        "verdict_given",
        "place",
        to("awaiting"),
        ("flow.*",),
        EVERY_HAND,
        lambda e: e["fact"]["place"] == "included",
    ),
    Mutation("verdict_given", "authenticated", to(False), ("acts.unauthenticated",), HANDS),
    Mutation("verdict_given", "actor", to("system"), ("acts.all",), HANDS),
    Mutation("verdict_withdrawn", "person", to("ben"), ("people*",), EVERY_HAND),
    Mutation("verdict_withdrawn", "authenticated", to(False), ("acts.unauthenticated",), HANDS),
    Mutation(
        "ruling_given",
        "criterion",
        to("E5"),
        ("process.conflicts", "excluded*"),
        EVERY_HAND,
        lambda e: e["fact"]["ruling"] == "agreement",
    ),
    Mutation(
        "ruling_given",
        "verdict",
        to("exclude"),
        ("flow.*.records_excluded",),
        EVERY_HAND,
        lambda e: e["fact"]["ruling"] == "adjudication",
    ),
    Mutation("ruling_given", "person", to("dora"), ("people*",), EVERY_HAND),
    Mutation(
        "ruling_given",
        "ruling",
        to("agreement"),
        ("process.adjudicated",),
        EVERY_HAND,
        lambda e: e["fact"]["ruling"] == "adjudication",
    ),
    Mutation(
        "link_settled",
        "study",
        to(None),
        ("flow.*.new_reports", "studies*.reports"),
        ("flow.*_reports",),
    ),
    Mutation("link_settled", "person", to("cy"), ("people*",), HANDS),
    Mutation(
        "candidate_closed",
        "outcome",
        to("excluded"),
        ("flow.*.records_linked",),
        OF_RECORD,
        lambda e: e["fact"]["outcome"] == "report_of",
    ),
    Mutation(
        "candidate_closed",
        "outcome",
        to("excluded"),
        ("flow.*.excluded_other",),
        OF_RECORD,
        lambda e: e["fact"]["outcome"] == "import_withdrawn",
    ),
    Mutation(
        "candidate_reopened",
        "stage",
        to("full_text"),
        ("flow.*.records_excluded", "flow.*.records_waiting"),
        EVERY_HAND,
        named(AGAIN),
    ),
    Mutation("likeness_settled", "verdict", to("different"), ("flow.*.duplicates",), EVERY_HAND),
    Mutation("likeness_settled", "carries", to(False), ("flow.*.records_waiting",), EVERY_HAND),
    Mutation("likeness_settled", "person", to("cy"), ("people*",), HANDS),
    Mutation("values_submitted", "person", to("cy"), ("people*",), HANDS),
    Mutation("value_adjudicated", "person", to("ben"), ("people*",), HANDS),
    Mutation("task_settled", "person", to("ada"), ("people*",), HANDS),
    Mutation("task_settled", "note", other, ("notices*.judged",)),
    Mutation(
        "task_settled", "subject", other, ("notices*.judged",), ("sentences.standing_notices",)
    ),
    # ---- searches
    Mutation("search_finished", "run.found", more, ("searches[*.found",), OF_RUN),
    Mutation("search_finished", "run.new", more, ("searches[*.new",), OF_RUN),
    Mutation("search_finished", "run.query", other, ("searches[*.query",)),
    Mutation(
        "search_finished",
        "run.status",
        to("failed"),
        ("searches[*.status", "since_last.searches", "since_last.failed"),
        OF_RUN,
        lambda e: run_is(status="ok")(e) and e["fact"]["run"]["source"] != "ictrp",
    ),
    Mutation(
        "search_finished",
        "run.error",
        other,
        ("searches[*.error",),
        OF_RUN,
        run_is(status="failed"),
    ),
    Mutation("search_finished", "run.source", to("jrct"), ("searches[*.source",), OF_RUN),
    Mutation(
        "search_finished",
        "run.finished_at",
        later,
        ("searches[*.searched_at",),
        OF_RUN,
        lambda e: e["fact"]["run"]["source"] not in BY_HAND,
    ),
    Mutation(
        "search_finished",
        "run.started_at",
        later,
        ("searches[*.searched_at",),
        OF_RUN,
        lambda e: e["fact"]["run"]["source"] in BY_HAND,
    ),
    Mutation(
        "search_finished",
        "run.known_items_missing",
        to([{"id": "x", "title": "y"}]),
        ("searches[*.known_items_missing",),
        OF_RUN,
    ),
    Mutation(
        "hand_search_told",
        "shown",
        to(99),
        ("sources*.last_searched_at",),
        ("sentences.searched", "sentences.not_searched*", "searches[*.by_hand.shown"),
        lambda e: e["fact"]["source"] in STANDING,
    ),
    Mutation("hand_search_told", "platform", to("another"), ("searches[*.by_hand.platform",)),
    Mutation(
        "strategy_proposed",
        "query",
        to("one search\nanother"),
        ("sources*.last_searched_at",),
        ("sentences.searched",),
        lambda e: e["fact"]["source"] in STANDING,
    ),
    Mutation(
        "search_withdrawn", "subject", other, ("searches[*.withdrawn", "since_last.*"), OF_RUN
    ),
    Mutation(
        "correction_seen",
        "correction_kind",
        to("concern"),
        ("notices[*.kind", "notices[*.happened"),
        NOTED,
    ),
    Mutation("correction_seen", "citation", other, ("notices[*.cited",), NOTED),
    Mutation("correction_seen", "pmid", to("1"), ("notices[*.cited",), NOTED),
    Mutation("correction_seen", "doi", to("10.1/1"), ("notices[*.cited",), NOTED),
    Mutation("correction_seen", "source", other, ("notices[*.told_by",), NOTED),
    Mutation("correction_seen", "at", another_day, ("notices[*.seen_at",), NOTED),
    Mutation("correction_seen", "study", to("hahn2013"), ("notices[*",), NOTED),
    # ---- the published review
    Mutation(
        "baseline_files_taken",
        "published.searched_on",
        to("2020-01-01"),
        ("published_review.searched_on", "sentences.searched"),
        ("sentences.limits",),
    ),
    Mutation(
        "baseline_files_taken",
        "published.published_on",
        to("2021-12-31"),
        ("published_review.published_on",),
    ),
    Mutation("baseline_files_taken", "published.doi", other, ("published_review.doi",)),
    # ---- results and versions
    Mutation("results_computed", "engine", other, ("engine",), ("cause",)),
    Mutation(
        "results_computed",
        "inputs.protocol",
        other,
        ("cause",),
        ("sentences.opening",),
    ),
    Mutation("version_drafted", "cause", other, ("cause",), ("sentences.opening",)),
    Mutation("version_drafted", "version_kind", to("amendment"), ("kind",), ("sentences.opening",)),
    Mutation("version_drafted", "at", later, ("drafted_at",), of=named("3.1", "3.2")),
    Mutation("version_drafted", "ordinal", to(-1), ("previous",), ("*",), named("3.1")),
    Mutation("version_published", "published_at", later, ("published_at",), ("*",)),
    Mutation("signal_raised", "text", other, ("signals*.text",), ("sentences.conclusion",)),
    Mutation("signal_raised", "rule", to("S9"), ("signals*.rule",), ("sentences.conclusion",)),
    Mutation("signal_raised", "analysis", to("9"), ("signals*.analysis",)),
    Mutation(
        "signal_raised",
        "changes_conclusions",
        lambda true: not true,
        ("signals*.changes_conclusions", "sentences.conclusion"),
    ),
    Mutation(
        "signed", "person", to("ben"), ("people*",), HANDS + NAMES + lines("signatures* signals*")
    ),
    Mutation(
        "signed",
        "verdict",
        to("reject"),
        ("sign*",),
        HANDS + NAMES + lines("signatures* signals*"),
        lambda e: e["fact"]["subject_kind"] != "amendment" and e["fact"]["verdict"] == "accept",
    ),
    Mutation(
        "signed",
        "at",
        another_day,
        ("signatures*.at",),
        HANDS,
        lambda e: e["fact"]["subject_kind"] == "version" and e["fact"]["verdict"] == "accept",
    ),
    Mutation(
        "signed",
        "reason",
        to("why"),
        ("signals*.reason",),
        (),
        lambda e: e["fact"]["subject_kind"] == "signal",
    ),
    Mutation(
        "proposal_ended",
        "actor",
        to("system"),
        ("acts.all",),
        HANDS,
        lambda e: e["fact"]["ending"] == "rejected",
    ),
    *(
        Mutation(kind, "actor", to("system"), ("acts.all",), HANDS)
        for kind in ("move_proposed", "merge_proposed", "link_proposed")
    ),
)
