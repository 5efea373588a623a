"""The whole loop in a minute, offline: stand-in sources, scripted reviewers, the real commands.

The scripted reviewers use the command line and nothing else. The pooled result is compared with
what metafor gives for the same numbers, stored here with the call that made it.
"""

from __future__ import annotations

import json
import math
import os
import shlex
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path
from typing import Any

from bot.demo.fiction import (
    NEW_PMID,
    NEW_RECORD,
    fictional_entry,
    fictional_trial,
)
from bot.demo.forked import Forked, forking
from bot.demo.sources import StandIns, stand_ins
from bot.errors import DemoFailed

Say = Callable[[str], None]

ANALYSIS = "1.2"
OUTCOME = "strength_improved"
# What metafor 3.8-1 (R 4.2) gives for muscle strength with the fictional trial (9/12 v 2/12) added:
METAFOR_CALL = (
    'rma.mh(measure="RR", ai=c(5,5,11,9), n1i=c(5,6,16,12), ci=c(0,1,0,2), n2i=c(5,6,16,12),'
    ' add=c(.5,.5), to=c("only0","only0"), drop00=c(TRUE,TRUE))'
)
METAFOR = {"estimate": 7.75, "ci_lower": 3.0165249479655, "ci_upper": 19.9111563922285}


@dataclass(slots=True)
class DemoRun:
    """Where the demonstration plays: its data folder, its sources, its voices.

    say: the story. progress: each command as it begins, for who waits.
    """

    data: Path
    forked: Forked
    environment: dict[str, str]
    say: Say
    progress: Say
    begun: float = field(default_factory=time.monotonic)
    scene: int = 0

    @property
    def passed_s(self) -> float:
        """The seconds since the beginning."""
        return time.monotonic() - self.begun

    def title(self, text: str) -> None:
        """Announce a step."""
        self.scene += 1
        self.say(f"\n{self.scene}. {text}  [{self.passed_s:.0f} s]")

    def command(self, *words: str, given: object = None, may: tuple[int, ...] = (0,)) -> str:
        """Run a real command; return what it printed."""
        self.progress(f"  {self.passed_s:4.0f} s  livingreview {shlex.join(words)}")
        typed = [*words, "--data", str(self.data)]
        told = json.dumps(given) if given is not None else ""
        done = self.forked.run(typed, self.environment, told)
        if done.returncode not in may:
            raise DemoFailed(
                f"livingreview {' '.join(words)}: exit {done.returncode}\n{done.stderr[-2000:]}"
            )
        return done.stdout

    def answer(self, *words: str, given: object = None, may: tuple[int, ...] = (0,)) -> Any:
        """Run a real command and read its JSON."""
        return json.loads(self.command(*words, "--json", given=given, may=may))


def to_stderr(line: str) -> None:
    """Show a line beside what is printed."""
    sys.stderr.write(f"{line}\n")


def play(keep: Path | None, say: Say, progress: Say = to_stderr) -> bool:
    """Play the demonstration; return whether every step did what it should."""
    folder = keep or Path(tempfile.mkdtemp(prefix="livingreview-demo-"))
    with stand_ins() as sources:
        environment = _environment(sources)
        with forking(environment) as forked:
            run = DemoRun(folder / "data", forked, environment, say, progress)
            say(f"A demonstration in {folder}. Its sources are stand-ins on this machine;")
            say("its new trial, its people and its dates are made up.")
            try:
                _play(run, sources)
            except DemoFailed as failure:
                say(f"\nFAILED: {failure}")
                return False
    return True


def _environment(sources: StandIns) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LIVINGREVIEW_")}
    return {
        **kept,
        **sources.settings,
        "LIVINGREVIEW_EMAIL": "demo@example.org",
    }


def _play(run: DemoRun, sources: StandIns) -> None:
    _begin(run)
    _appear(run, sources)
    _screen(run)
    study = _full_text(run)
    _extract(run, study)
    _result(run)
    _publish(run)
    _tell(run)


def _begin(run: DemoRun) -> None:
    run.title("The review as published is loaded, and its sources are searched")
    found = run.answer("search")
    for source in found["sources"]:
        missing = source["known_items_missing"]
        run.say(
            f"   {source['source']}: {source['found']} found, {source['new']} new,"
            f" {source['known']} known, {len(missing)} known items missing"
        )
        if source["status"] != "ok" or missing:
            raise DemoFailed(f"{source['source']}: {source['error'] or missing}")
    before = _analysis(run)
    run.say(f"   {before['outcome']}: {_shown(before)}, published {_published(before)}")
    for name, *roles in (
        ("Ada Reader", "screener", "extractor"),
        ("Ben Reader", "screener", "extractor"),
        ("Cy Third", "adjudicator", "lead"),
    ):
        options = [word for role in roles for word in ("--role", role)]
        address = f"{name.split()[0].lower()}@example.org"
        run.command("people", "add", name, "--address", address, *options)
    run.say("   three made-up people: Ada and Ben read and extract, Cy rules and leads")


def _appear(run: DemoRun, sources: StandIns) -> None:
    run.title("A new trial appears in both sources; the next search finds it")
    sources.pubmed.add(fictional_trial())
    sources.ctgov.add(fictional_entry())
    found = run.answer("search")
    run.say(f"   {found['candidates_new']} new candidate: {_new_candidate(run)}")
    again = run.answer("search")
    new = sum(source["new"] for source in again["sources"])
    run.say(f"   the same search again: {new} new")
    if found["candidates_new"] != 1 or new:
        raise DemoFailed("the trial should be one candidate, found once")


def _new_candidate(run: DemoRun) -> str:
    for seen in run.answer("queue"):
        if NEW_RECORD in seen["records"]:
            return str(seen["candidate"])
    raise DemoFailed("the new trial is not in the queue")


def _screen(run: DemoRun) -> None:
    run.title("Two people screen it, blind to each other; they differ, a third rules")
    candidate = _new_candidate(run)
    run.command("screen", candidate, "include", "--as", "ada-reader")
    blind = run.answer("queue", "--as", "ben-reader")
    seen = next(each for each in blind if each["candidate"] == candidate)
    run.say(f"   Ada decided. Ben sees: {seen['status']}, nothing revealed: {not seen['revealed']}")
    run.command("screen", candidate, "exclude", "--as", "ben-reader", "--criterion", "E2")
    run.say("   Ben excluded it (E2): a conflict")
    run.command(
        "adjudicate", candidate, "include", "--as", "cy-third", "--note", "allocation was random"
    )
    run.say("   Cy ruled: include, allocation was random")


def _full_text(run: DemoRun) -> str:
    run.title("At full text both include it: a new study")
    candidate = _new_candidate(run)
    for person in ("ada-reader", "ben-reader"):
        run.command("screen", candidate, "include", "--as", person, "--stage", "full_text")
    records = run.command("records", "--json").splitlines()
    record = next(each for each in map(json.loads, records) if each["source_id"] == NEW_PMID)
    run.say(f"   {record['status']}: study {record['study']}")
    return str(record["study"])


def _extract(run: DemoRun, study: str) -> None:
    run.title("Two people extract it; one number differs and is adjudicated")
    for person, events in (("ada-reader", 9), ("ben-reader", 8)):
        said = run.answer(
            "extract", study, "--as", person, "--file", "-", given=_extraction(study, events)
        )
        run.say(f"   {person} handed in: {said['status']}")
    cell = said["differences"][0]["cell"]
    run.say(f"   they differ in {cell}: {said['differences'][0]['said']}")
    run.command(
        "adjudicate",
        study,
        "--cell",
        cell,
        "--number",
        "9",
        "--as",
        "cy-third",
        "--note",
        "9 of 12, abstract",
    )
    run.say("   Cy: 9, as the abstract says. Accepted; the results are computed by themselves")


def _extraction(study: str, events: int) -> dict[str, object]:
    place = {"source": f"pmid:{NEW_PMID}", "locator": "abstract"}
    arms = (("ivig", events, 6), ("placebo", 2, 3))
    return {
        "study": study,
        "design": "parallel",
        "arms": ["ivig", "placebo"],
        "participants": 24,
        "values": [
            {"outcome": outcome, "arm": arm, "events": count, "total": 12, **place}
            for arm, strength, disability in arms
            for outcome, count in ((OUTCOME, strength), ("disability_improved", disability))
        ],
    }


def _result(run: DemoRun) -> None:
    run.title("The pooled result has moved")
    after = _analysis(run)
    run.say(f"   {after['outcome']}: {_shown(after)}; published {_published(after)}")
    run.say("   metafor:  " + ", ".join(f"{k} {v:.6g}" for k, v in METAFOR.items()))
    run.say(f"   its call: {METAFOR_CALL}")
    for name, expected in METAFOR.items():
        if not math.isclose(after[name], expected, rel_tol=1e-8):
            raise DemoFailed(f"{name}: found {after[name]!r}, metafor gives {expected!r}")
    run.say("   they agree to eight digits")


def _analysis(run: DemoRun) -> Any:
    found = run.answer("analyse")
    return next(each for each in found["analyses"] if each["id"] == ANALYSIS)


def _shown(analysis: Any) -> str:
    return (
        f"{analysis['measure']} {analysis['estimate']:.2f}"
        f" ({analysis['ci_lower']:.2f} to {analysis['ci_upper']:.2f}),"
        f" {analysis['studies']} studies, {analysis['participants']} people"
    )


def _published(analysis: Any) -> str:
    published = analysis["published"]
    numbers = (published[name] for name in ("estimate", "ci_lower", "ci_upper"))
    return "{:.2f} ({:.2f} to {:.2f})".format(*numbers)


def _publish(run: DemoRun) -> None:
    run.title("Two people sign, the lead among them; it is published, and everything is verified")
    draft = run.answer("status")["draft"]
    signals = _signals(run)
    for subject in (*signals, draft):
        _sign(run, subject)
    verified = run.answer("verify")
    run.say(f"   version {draft} published")
    run.say(
        f"   verify: {verified['events']} events and {verified['rows']} rows agree,"
        f" {verified['files']} published files unchanged"
    )


def _signals(run: DemoRun) -> list[str]:
    """Return the signals that wait, as `status` names them."""
    needs = run.answer("status")["needs"]
    return [each.split(": ")[0].removeprefix("signal ") for each in needs if "signal " in each[:7]]


def _sign(run: DemoRun, subject: str) -> None:
    for person in ("ada-reader", "cy-third"):
        (said,) = run.answer("sign", subject, "accept", "--as", person)
        waits_for = " and ".join(said["waits_for"]) or "nothing more"
        run.say(f"   {person} signed {said['signed']} {subject}: it waits for {waits_for}")


def _tell(run: DemoRun) -> None:
    run.title("What people were told")
    mailbox = run.data / "mailbox"
    for file in sorted(mailbox.glob("*.eml")):
        head = BytesHeaderParser(policy=default).parsebytes(file.read_bytes())
        run.say(f"   to {head['To']}: {head['Subject'].strip()}")
    version = run.answer("status")["version"]
    report = (run.data / "versions" / version / "report.html").resolve()
    run.say(f"\nDone in {run.passed_s:.0f} s. The report: {report.as_uri()}")
