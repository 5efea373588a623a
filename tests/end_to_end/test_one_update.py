"""One full living update, from the posted results to the erratum, by command and page.

All of it is fiction: the trial T-07 (drug X against immunoglobulin), its paper, its people. The
clock is set, so that October, January and March pass in a minute.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from bot.demo.fiction import BASELINE, NEW_NCT, Facts, article, entry
from bot.demo.sources import StandIns, stand_ins
from tests.bot.notices import with_notice
from tests.end_to_end.programs import Guest, Program, until
from tests.second_reader_check import read_log

TRIAL, STUDY = f"ctgov:{NEW_NCT}", NEW_NCT.lower()
AMENDMENT = "arm-drugx"
PAPER = "99000200"
ERRATUM_OF = "24725024"
SERIES = "99000100"
REVIEW = "Immunoglobulin for multifocal motor neuropathy"
PLANNED = ("1.1", "1.2", "1.3", "2.1", "2.2", "3.1", "4.1", "4.2")
Numbers = tuple[int, int]


@dataclass
class Story:
    """The program, its sources, and the clock that both the commands and the page go by."""

    program: Program
    sources: StandIns

    def at(self, instant: str) -> None:
        """Set the clock of whatever starts from now on."""
        self.program.settings["LIVINGREVIEW_NOW"] = instant

    def needs(self) -> list[str]:
        return list(self.program.ask("status")["needs"])

    def results(self) -> dict[str, Any]:
        return {each["id"]: each for each in self.program.ask("analyse")["analyses"]}

    @contextmanager
    def team(self, began: str, *people: str) -> Iterator[list[Guest]]:
        """Start the main job at an instant; sign these people in on its page."""
        self.at(began)
        with self.program.running() as address, ExitStack() as stack:
            until(lambda: address in self.program.do("people", "link", people[0]))
            links = [self.program.do("people", "link", each).strip() for each in people]
            yield [stack.enter_context(closing(Guest(link))) for link in links]

    def mails(self, since: str, address: str) -> dict[str, str]:
        """Return what somebody was told from a day on, by subject."""
        found = {}
        for file in sorted((self.program.data / "mailbox").glob("*.eml")):
            message = message_from_bytes(file.read_bytes(), policy=policy.default)
            if file.name >= since and message["To"] == address:
                found[str(message["Subject"])] = str(message.get_content())
        return found


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    with stand_ins() as sources:
        settings = {"LIVINGREVIEW_TICK_S": "0.3", "LIVINGREVIEW_EMAIL": "bot@example.org"}
        yield Story(Program(tmp_path / "data", sources.settings | settings), sources)


def test_a_living_update_from_the_posted_results_to_the_erratum(story: Story) -> None:
    october_the_trial_is_listed_as_ongoing(story)
    before = story.results()
    january_its_results_are_posted(story)
    with story.team("2027-01-04T06:10:00Z", "rosa", "ada", "lea") as (rosa, ada, lea):
        nine_titles_are_screened(story, rosa)
        the_trial_is_included_by_two(story, rosa)
        it_is_extracted_by_two_and_settled(story, ada)
        its_arm_comes_into_the_protocol(story, lea)
    assert {name: story.results()[name] for name in PLANNED} == before
    its_paper_appears_and_corrects_three_values(story)
    version_3_1_is_signed_by_two(story)
    march_an_erratum_moves_a_result_a_little(story, before)
    assert story.program.ask("verify")["faults"] == []
    assert read_log(story.program.do("log", "--json"), story.program.data) == []


# ------------------------------------------------------------------------------- October, January


def october_the_trial_is_listed_as_ongoing(story: Story) -> None:
    program = story.program
    story.at("2026-10-14T09:00:00Z")
    for name, *roles in (
        ("rosa", "screener", "extractor"),
        ("rui", "screener", "extractor"),
        ("ada", "adjudicator"),
        ("lea", "lead", "information_specialist"),
    ):
        options = [word for role in roles for word in ("--role", role)]
        program.do("people", "add", name, "--address", f"{name}@example.org", *options)
    story.sources.ctgov.add(the_entry())
    program.ask("search")
    queue = [each["candidate"] for each in program.ask("queue")]
    verdicts = [excluded(each, "E2") for each in queue if each != TRIAL]
    ongoing = {"candidate": TRIAL, "verdict": "include", "stage": "full_text", "place": "ongoing"}
    for verdict in ([*verdicts, {"candidate": TRIAL, "verdict": "include"}], [ongoing]):
        for person in ("rosa", "rui"):
            program.ask("screen", "--file", "-", "--as", person, given=verdict)
    assert program.ask("status")["counts"]["studies_ongoing"] == 1


def january_its_results_are_posted(story: Story) -> None:
    story.sources.ctgov.add(the_entry(posted=True))
    story.sources.pubmed.add(*(article(each) for each in nine_titles()))


def nine_titles_are_screened(story: Story, rosa: Guest) -> None:
    program, doubtful = story.program, f"pubmed:{SERIES}"
    until(lambda: program.ask("status")["counts"]["candidates_open"] == 9)
    certificate = program.ask("status")["certificate"]
    assert certificate["verdict"] == "new"
    clear = [each["candidate"] for each in program.ask("queue") if each["candidate"] != doubtful]
    for candidate in clear:
        page = f"/candidates/{candidate}"
        rosa.submit(page, page, verdict="exclude", criterion="E5")
    page = f"/candidates/{doubtful}"
    rosa.submit(page, page, verdict="include", note="the control was drawn at random")
    (seen,) = (e for e in program.ask("queue", "--as", "rui") if e["candidate"] == doubtful)
    assert (seen["to_do"], seen["revealed"]) == ("decide", [])
    theirs = [excluded(each, "E5") for each in clear] + [excluded(doubtful, "E2")]
    said = program.ask("screen", "--file", "-", "--as", "rui", given=theirs)
    assert [each["status"] for each in said] == ["excluded"] * 8 + ["conflict"]
    rosa.submit(page, f"{page}/settle", verdict="exclude", criterion="E2", note="Rui is right")
    agreed = program.ask("adjudicate", doubtful, "exclude", "--criterion", "E2", "--as", "rui")
    assert agreed[0]["status"] == "excluded"


def the_trial_is_included_by_two(story: Story, rosa: Guest) -> None:
    told = story.mails("2027-01", "rosa@example.org")
    mail = told[f"[living review] {NEW_NCT}: results posted"]
    assert "results: - → posted 2027-01-02" in mail
    assert f"/extract/{STUDY}" in mail
    proposed = story.program.ask(
        "place", STUDY, "included", "--note", "results were posted", "--as", "rui"
    )
    assert "rosa" in proposed["waits_for"]
    page = f"/extract/{STUDY}"
    assert "Disability increased" in rosa.read(page)  # the posted table stands beside the form
    said = rosa.submit(page, f"{page}/place", note="so they were")
    assert "Confirmed by a second person" in said


def it_is_extracted_by_two_and_settled(story: Story, ada: Guest) -> None:
    program = story.program
    hand_in(program, "rosa", extraction(NEW_NCT, totals=(76, 77)))
    found = hand_in(program, "rui", extraction(NEW_NCT, serious=(4, 4)))
    total, events = (each["cell"] for each in found["differences"])
    assert (total.split("|")[-2:], events.split("|")[-2:]) == (
        ["drugx", "total"],
        ["ivig", "events"],
    )
    page = f"/extract/{STUDY}"
    # The first form of the page is that of the total, as the differences are listed.
    ada.submit(page, f"{page}/settle", choice="number:77.0", note="“77 analysed”, full analysis")
    ruled = program.ask(
        *("adjudicate", STUDY, "--cell", events, "--number", "3"),
        *("--note", "“3/77”, adverse events", "--as", "ada"),
    )
    assert ruled[0]["status"] == "accepted"


def its_arm_comes_into_the_protocol(story: Story, lea: Guest) -> None:
    program = story.program
    until(lambda: any(AMENDMENT in each for each in story.needs()))
    assert "5.1" not in story.results()
    first = program.ask("sign", AMENDMENT, "accept", "--as", "rui")
    assert first[0]["waits_for"] == ["the lead's signature"]
    page = lea.read(f"/amendments/{AMENDMENT}")
    assert f"{NEW_NCT} reports the arm" in page
    lea.submit(f"/amendments/{AMENDMENT}", f"/sign/{AMENDMENT}", verdict="accept")
    until(lambda: any("3.1:5.1:S6" in each for each in story.needs()), seconds=60)
    result = story.results()["5.1"]
    assert result["estimate"] == pytest.approx(0.6, rel=1e-12)
    assert result["direction"] == "above 1 favours arm_2"
    assert "new comparison Drug X v IVIg, 0.60" in lea.read("/versions/3.1")
    (diff,) = (program.data / "amendments").glob("*/protocol.diff")
    assert '+label = "Drug X"' in diff.read_text(encoding="utf-8")
    drafted = "[living review] New result, draft 3.1"
    until(lambda: drafted in story.mails("2027-01", "lea@example.org"))
    assert "RR 0.60 (0.23 to 1.57)" in story.mails("2027-01", "lea@example.org")[drafted]


# ------------------------------------------------------------------------------ the paper, version


def its_paper_appears_and_corrects_three_values(story: Story) -> None:
    program = story.program
    story.at("2027-01-18T09:00:00Z")
    story.sources.pubmed.add(article(the_paper()))
    program.ask("search", "--source", "pubmed")
    (seen,) = program.ask("queue")
    assert (seen["kind"], seen["study"]) == ("second_report", STUDY)
    for person in ("rosa", "rui"):
        linked = program.ask("screen", seen["candidate"], "confirm-link", "--as", person)
    assert linked[0]["link"] == "confirmed"
    corrected = extraction(f"pmid:{PAPER}", worse=(7, 10), grip=(9, 13), serious=(4, 4))
    for person in ("rosa", "rui"):
        found = hand_in(program, person, corrected)
    assert found["status"] == "accepted"
    assert story.results()["5.1"]["estimate"] == pytest.approx(0.7, rel=1e-12)
    told = story.mails("2027-01-18", "lea@example.org")
    assert "RR 0.70 (0.28 to 1.74)" in told["[living review] New result, draft 3.1"]


def version_3_1_is_signed_by_two(story: Story) -> None:
    program = story.program
    story.at("2027-01-22T09:00:00Z")
    assert_one_hand_is_too_few(program)
    sign_all(program, "3.1", ["3.1:5.1:S6", "3.1:5.2:S6", "3.1:5.3:S6"])
    assert program.ask("status")["version"] == "3.1"

    found, report = published(program, "3.1")
    assert (found["kind"], found["cause"]) == (
        "update",
        f"{NEW_NCT} added; protocol version 1 → 2",
    )
    assert "An update, with a new search." in report
    assert f"New in the review: {NEW_NCT}." in report
    assert "Disability increased (Drug X v IVIg): a first result, RR 0.70 (0.28 to 1.74)." in report
    assert "Published with 2 signatures: lea (lead) and rosa." in report
    assert "last search was on 20 April 2021: CENTRAL (Cochrane Library), Embase" in report
    assert "does not add up" not in report
    flow = found["flow"]["this_version"]
    assert (flow["new_studies"], flow["new_reports"], flow["records_linked"]) == (1, 2, 1)
    told = story.mails("2027-01-22", "rui@example.org")["[living review] Version 3.1 published"]
    assert "/versions/3.1/report.html" in told


def assert_one_hand_is_too_few(program: Program) -> None:
    program.do("sign", "3.1", "accept", "--as", "lea", status=1)  # its signals come first
    program.do("publish", status=1)
    assert program.ask("status")["version"] == "3.0"


def march_an_erratum_moves_a_result_a_little(story: Story, before: dict[str, Any]) -> None:
    program = story.program
    story.at("2027-03-02T09:00:00Z")
    (trial,) = (each for each in BASELINE if each.pmid == ERRATUM_OF)
    story.sources.pubmed.add(with_notice(trial, "ErratumIn"))
    program.ask("search", "--source", "pubmed")
    (task,) = program.ask("tasks")
    assert (task["kind"], task["study"]) == ("re_extraction", "hahn2013")
    for person in ("rosa", "rui"):
        found = hand_in(program, person, corrected_grip(), "hahn2013")
    assert found["status"] == "accepted"
    program.do("settle", task["id"], "--note", "two cells of grip strength", "--as", "rui")

    moved = story.results()["2.2"]["estimate"]
    assert (round(before["2.2"]["estimate"], 2), round(moved, 2)) == (0.2, 0.22)
    draft = program.ask("status")["draft"]
    sign_all(program, draft, [f"{draft}:2.1:S7", f"{draft}:2.2:S7"])
    _, report = published(program, draft)
    assert "data of Hahn 2013 corrected; a report of Hahn 2013 was corrected" in report
    told = story.mails("2027-03", "rosa@example.org")
    assert "[living review] Hahn 2013: erratum" in told
    assert all(body.rstrip().endswith(REVIEW) for body in told.values())


# ------------------------------------------------------------------------------------- what is said


def excluded(candidate: str, criterion: str) -> dict[str, str]:
    return {"candidate": candidate, "verdict": "exclude", "criterion": criterion}


def hand_in(program: Program, person: str, given: object, study: str = STUDY) -> Any:
    return program.ask("extract", study, "--as", person, "--file", "-", given=given)


def sign_all(program: Program, version: str, signals: Sequence[str]) -> None:
    """Sign as two people: the signals by both, then the version by both."""
    lea, rosa = ([{"subject": each} for each in signals] for _ in range(2))
    program.ask("sign", "--file", "-", "--as", "rosa", given=rosa)
    program.ask("sign", "--file", "-", "--as", "lea", given=[*lea, {"subject": version}])
    said = program.ask("sign", version, "accept", "--as", "rosa")
    assert said[0]["waits_for"] == []


def published(program: Program, version: str) -> tuple[Any, str]:
    """Return the numbers and the words of a published version."""
    folder = program.data / "versions" / version
    page = html.document_fromstring((folder / "report.html").read_text(encoding="utf-8"))
    found = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return found, " ".join(str(page.xpath("string()")).split())


def extraction(
    source: str,
    *,
    worse: Numbers = (6, 10),
    grip: Numbers = (9, 12),
    serious: Numbers = (4, 3),
    totals: Numbers = (77, 77),
) -> dict[str, object]:
    told = {"disability_worse": worse, "grip_worse": grip, "serious_side_effects": serious}
    values = [
        {"outcome": outcome, "arm": arm, "events": count, "total": 77, "source": source}
        | {"locator": f"table of {outcome}"}
        for outcome, counts in told.items()
        for arm, count in zip(("drugx", "ivig"), counts, strict=True)
    ]
    for value, total in zip(values[:2], totals, strict=True):
        value["total"] = total
    return {
        "design": "parallel",
        "arms": ["drugx", "ivig"],
        "participants": 154,
        "labels": {"drugx": "Drug X"},
        "values": values,
    }


def corrected_grip() -> dict[str, object]:
    place = {"outcome": "grip_worse", "total": 42, "source": f"pmid:{ERRATUM_OF}"}
    return {
        "design": "crossover",
        "arms": ["ivig", "placebo"],
        "values": [
            {**place, "arm": "ivig", "events": 5, "locator": "erratum, table 2"},
            {**place, "arm": "placebo", "events": 23, "locator": "erratum, table 2"},
        ],
    }


# ---------------------------------------------------------------------------------- what is found


def the_entry(*, posted: bool = False) -> dict[str, Any]:
    """Write T-07's register entry, with the results it never had."""
    title = "Drug X versus immunoglobulin in multifocal motor neuropathy (T-07, made up)"
    written = copy.deepcopy(entry(NEW_NCT, title, "Multifocal Motor Neuropathy"))
    protocol = written["protocolSection"]
    protocol["statusModule"] = {
        "overallStatus": "RECRUITING",
        "studyFirstPostDateStruct": {"date": "2024-01-15"},
    }
    protocol["designModule"] = {
        "studyType": "INTERVENTIONAL",
        "designInfo": {"allocation": "RANDOMIZED", "interventionModel": "PARALLEL"},
        "enrollmentInfo": {"count": 154, "type": "ESTIMATED"},
    }
    if posted:
        protocol["statusModule"] |= {
            "overallStatus": "COMPLETED",
            "resultsFirstPostDateStruct": {"date": "2027-01-02", "type": "ACTUAL"},
        }
        written["resultsSection"] = {
            "outcomeMeasuresModule": {"outcomeMeasures": [a_table("Disability increased", 6, 10)]}
        }
        written["hasResults"] = True
    return written


def a_table(title: str, drugx: int, ivig: int) -> dict[str, Any]:
    groups = {"OG000": ("Drug X", drugx), "OG001": ("IVIg", ivig)}
    return {
        "type": "PRIMARY",
        "title": title,
        "reportingStatus": "POSTED",
        "paramType": "COUNT_OF_PARTICIPANTS",
        "unitOfMeasure": "Participants",
        "timeFrame": "24 weeks",
        "groups": [{"id": name, "title": arm} for name, (arm, _) in groups.items()],
        "denoms": [
            {
                "units": "Participants",
                "counts": [{"groupId": name, "value": "77"} for name in groups],
            }
        ],
        "classes": [
            {
                "categories": [
                    {
                        "measurements": [
                            {"groupId": name, "value": str(count)}
                            for name, (_, count) in groups.items()
                        ]
                    }
                ]
            }
        ],
    }


def nine_titles() -> tuple[Facts, ...]:
    """Write what January brings: a case series that sounds like a trial, and eight more."""
    sounds = "Eleven invented people; the control group was randomly selected from a register."
    titles = {
        "A case series with a control": sounds,
        "A history of treatment": "Nobody wrote it.",
        "An overview for readers": "Nobody wrote it.",
        "Costs of infusion at home": "Nobody wrote it.",
        "What nerves tell": "Nobody wrote it.",
        "Antibodies revisited": "Nobody wrote it.",
        "A primer of electrophysiology": "Nobody wrote it.",
        "Ultrasound of the brachial plexus": "Nobody wrote it.",
        "Quality of life, a survey": "Nobody wrote it.",
    }
    return tuple(
        Facts(
            str(int(SERIES) + place),
            f"{title} in multifocal motor neuropathy (made up).",
            (f"Invented{place} A",),
            "Journal of Made-up Neurology",
            2026,
            types=("Journal Article",),
            abstract=(("", text),),
        )
        for place, (title, text) in enumerate(titles.items())
    )


def the_paper() -> Facts:
    """Write T-07's paper, which names the register entry."""
    return Facts(
        PAPER,
        "Drug X or immunoglobulin for multifocal motor neuropathy: a randomised trial (made up).",
        ("Seven T", "Eight U"),
        "Journal of Made-up Neurology",
        2027,
        ("2", "1", "1-9"),
        abstract=(("", "Disability increased in 7 of 77 on Drug X and in 10 of 77 on IVIg."),),
        register=(NEW_NCT,),
    )
