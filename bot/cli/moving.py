"""Moving a review in: a new folder out of a package, or out of a few answers."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.arguments import AsJson
from bot.cli.opened import answer
from bot.cli.package_files import check_is_free, files_of, write_review
from bot.review.package.as_folder import FolderTexts, cited_reports, folder_of
from bot.review.package.begun import FirstAnalysis, begun_folder
from bot.review.package.model import Package, StudyList
from bot.review.package.naming import id_of
from bot.review.package.read_package import read_package
from bot.review.package.skeleton import NewReview, query_sources
from bot.review.package.toml_writing import toml_table
from extraction import identifiers
from state.codec import Json
from state.errors import BadInput

group = typer.Typer()


class FirstKind(StrEnum):
    """What the first outcome of a new review counts or measures."""

    EVENTS = "events"
    CONTINUOUS = "continuous"


class MoreIs(StrEnum):
    """Whether more events, or a higher score, is wished for."""

    GOOD = "good"
    BAD = "bad"


NewFolder = Annotated[Path, typer.Argument(help="The review folder to write: new, or empty.")]
From = Annotated[
    Path | None,
    typer.Option(
        "--from",
        help="A published review: a Cochrane data package (folder or ZIP), study data (JSON or"
        " CSV), or a RevMan 5 file.",
    ),
]
Own = Annotated[str | None, typer.Option("--id", help="The review's short name.")]
Title = Annotated[str | None, typer.Option(help="The review's title.")]
Question = Annotated[str | None, typer.Option(help="The question, in a sentence or two.")]
Zone = Annotated[str, typer.Option("--time-zone", help="In which schedules are read.")]
Queries = Annotated[
    list[str] | None,
    typer.Option("--query", help="SOURCE=QUERY, once for each source; can be written later."),
]
Arm1 = Annotated[str | None, typer.Option("--arm-1", help="What is compared, such as a drug.")]
Arm2 = Annotated[str | None, typer.Option("--arm-2", help="With what it is compared.")]
FirstOutcome = Annotated[str | None, typer.Option("--outcome", help="The first outcome.")]
Kind = Annotated[
    FirstKind | None, typer.Option(help="People with an event, or a mean of a measurement.")
]
More = Annotated[
    MoreIs | None, typer.Option("--more-is", help="Whether more of the outcome is good or bad.")
]
When = Annotated[str | None, typer.Option("--time-point", help="When it is measured.")]
Published = Annotated[
    str | None, typer.Option("--published-on", help="The day the published review appeared.")
]
Searched = Annotated[
    str | None, typer.Option("--searched-on", help="The day of the published review's last search.")
]


@group.command()
def new(
    folder: NewFolder,
    source: From = None,
    own: Own = None,
    title: Title = None,
    question: Question = None,
    time_zone: Zone = "UTC",
    query: Queries = None,
    arm_1: Arm1 = None,
    arm_2: Arm2 = None,
    outcome: FirstOutcome = None,
    kind: Kind = None,
    more_is: More = None,
    time_point: When = None,
    published_on: Published = None,
    searched_on: Searched = None,
    as_json: AsJson = False,
) -> None:
    """Write a review folder: out of a published review's package, or out of a few answers."""
    check_is_free(folder)
    queries = dict(_query(each) for each in query or ())
    if source is not None:
        package = read_package(files_of(source))
        review = NewReview(
            id=own or _review_id(package),
            title=title or package.title or package.id or "A review",
            question=question or "",
            time_zone=time_zone,
            queries=queries,
            cited=cited_reports(package),
            preceding_doi=identifiers.doi(package.doi) or "",
        )
        said = move_in(folder, package, review, (published_on, searched_on))
        answer(as_json, said, moved_lines(said))
        return
    asked = _Asked()
    title = asked.text("--title", title, "The review's title")
    review = NewReview(
        id=own or id_of(title, (), "review"),
        title=title,
        question=asked.text("--question", question, "Its question, in a sentence or two"),
        time_zone=time_zone,
        queries=queries or asked.queries(),
    )
    first = FirstAnalysis(
        arms=(
            asked.text("--arm-1", arm_1, "What is compared (a drug, a procedure)"),
            asked.text("--arm-2", arm_2, "With what it is compared"),
        ),
        outcome=asked.text("--outcome", outcome, "The first outcome"),
        events=asked.word("--kind", kind, FirstKind, "Events or continuous") is FirstKind.EVENTS,
        more_is_good=asked.word("--more-is", more_is, MoreIs, "Is more good") is MoreIs.GOOD,
        time_point=asked.text("--time-point", time_point, "When it is measured"),
    )
    begin(folder, review, first, asked, as_json=as_json)


def begin(
    folder: Path, review: NewReview, first: FirstAnalysis, asked: _Asked, *, as_json: bool
) -> None:
    """Write a review that has no study yet, where every question was answered."""
    asked.refuse()
    write_review(folder, begun_folder(review, first))
    said = {"folder": str(folder), "id": review.id, "studies": 0, "analyses": 1}
    answer(as_json, said, [f"wrote {folder}: review '{review.id}'", *_next(folder)])


def move_in(
    folder: Path, package: Package, review: NewReview, days: tuple[str | None, str | None]
) -> Json:
    """Write a package as a review folder; say what people must look at, and what is not held."""
    texts = folder_of(package, review)
    published = _published(review, *days)
    write_review(folder, {**texts.files, **published})
    return moved_in(folder, package, texts, dated=bool(published))


def _query(given: str) -> tuple[str, str]:
    """Part "SOURCE=QUERY"; a query may hold the sign itself."""
    source, sign, text = given.partition("=")
    known = [each.id for each in query_sources()]
    if source.strip() not in known or not sign or not text.strip():
        expected = " or ".join(f"{each}=QUERY" for each in known)
        raise BadInput(f"--query: found '{given}', expected {expected}")
    return source.strip(), text.strip()


class _Asked:
    """Takes an answer from its flag, else asks for it where a person sits there."""

    def __init__(self) -> None:
        self._sits_there = sys.stdin.isatty()
        self._missing: list[str] = []

    def text(self, flag: str, given: str | None, words: str, *, needed: bool = True) -> str:
        """Return a text; one that is needed and cannot be asked for is noted."""
        if given is not None and (given.strip() or not needed):
            return given.strip()
        if self._sits_there:
            found: str = typer.prompt(words, default=None if needed else "", show_default=False)
            return found.strip()
        if needed:
            self._missing.append(flag)
        return ""

    def word(
        self, flag: str, given: StrEnum | None, words: type[StrEnum], question: str
    ) -> StrEnum | None:
        """Return one of a few words."""
        if given is None and self._sits_there:
            allowed = "/".join(words)
            said = self.text(flag, None, f"{question} ({allowed})")
            if said not in set(words):
                raise BadInput(f"{flag}: found '{said}', expected {' or '.join(words)}")
            return words(said)
        if given is None:
            self._missing.append(flag)
        return given

    def queries(self) -> dict[str, str]:
        """Ask for the query of each source, where a person sits there."""
        sources = query_sources() if self._sits_there else []
        said = {
            each.id: self.text("", None, f"The query for {each.name} (empty: later)", needed=False)
            for each in sources
        }
        return {source: text for source, text in said.items() if text}

    def refuse(self) -> None:
        """Raise BadInput naming everything that was not said."""
        if self._missing:
            raise BadInput(f"expected {', '.join(self._missing)}, or a terminal to ask at")


def _review_id(package: Package) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", package.id).strip("-._") or id_of(
        package.title, (), "review"
    )


def _published(
    review: NewReview, published_on: str | None, searched_on: str | None
) -> dict[str, bytes]:
    """Write published.toml where the days are given: no package says them."""
    if (published_on is None) != (searched_on is None):
        raise BadInput("expected both --published-on and --searched-on, or neither")
    if published_on is None or searched_on is None:
        return {}
    if not review.preceding_doi:
        raise BadInput("--published-on: the package has no DOI; write published.toml by hand")
    edition = re.search(r"\.pub(\d+)$", review.preceding_doi)
    values = {
        "number": f"{edition[1] if edition else 1}.0",
        "doi": review.preceding_doi,
        "published_on": published_on,
        "searched_on": searched_on,
    }
    return {"published.toml": toml_table("published", values, of_list=False).encode()}


def moved_in(folder: Path, package: Package, texts: FolderTexts, *, dated: bool) -> Json:
    """Say what a folder was made of, what people must look at, and what it does not hold."""
    remarks = list(texts.remarks)
    if not dated:
        remarks.append(
            "published.toml: not written, as no package says when the review appeared and was "
            "searched: give --published-on and --searched-on, or write it"
        )
    return {
        "folder": str(folder),
        "id": package.id,
        "title": package.title,
        "studies": {held.value: len(package.of(held)) for held in StudyList},
        "analyses": len(package.analyses),
        "rows": sum(len(each.rows) for each in package.analyses),
        "judgements": len(package.bias.judgements),
        "to_check": remarks,
        "not_held": [
            {"file": each.file, "what": each.what, "count": each.count} for each in package.not_held
        ],
    }


def moved_lines(said: Json) -> list[str]:
    """Say the same in lines."""
    studies = ", ".join(f"{count} {held}" for held, count in said["studies"].items() if count)
    lines = [
        f"wrote {said['folder']}: {said['title'] or said['id'] or 'a review'}",
        f"studies: {studies or 'none'}",
        f"analyses: {said['analyses']}, with {said['rows']} rows",
        f"risk of bias: {said['judgements']} judgements, kept in baseline/package",
    ]
    lines += [f"to check: {each}" for each in said["to_check"]]
    lines += [f"not held: {e['file']}: {e['what']} ({e['count']})" for e in said["not_held"]]
    return [*lines, *_next(Path(str(said["folder"])))]


def _next(folder: Path) -> list[str]:
    return [
        f"next: fill in what says 'To be written' in {folder}/protocol.toml, and strategies/",
        f"then:  LIVINGREVIEW_REVIEW={folder} livingreview run",
    ]
