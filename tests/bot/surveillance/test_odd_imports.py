"""An odd record of an export is set aside by itself, whatever the format: the others are taken."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from state.errors import BadInput
from state.tasks import TaskKind, open_tasks
from state.verify import verify
from tests.bot.builders import DORA, take_import
from tests.bot.exports import ris
from tests.bot.surveillance.test_odd_records import DIGITS, LONG, NUL, SURROGATE, aside, is_taken
from tests.bot.world import World, a_world

Titles = dict[str, str]


def as_ris(titles: Titles) -> bytes:
    return b"".join(ris(number, "HERE").replace(b"HERE", raw(t)) for number, t in titles.items())


def as_nbib(titles: Titles) -> bytes:
    lines = "PMID- {}\nOWN - NLM\nDP  - 2026\nTI  - {}\nAU  - Doe J\nSO  - J. 2026.\n\n"
    return raw("".join(lines.format(number, title) for number, title in titles.items()))


def as_table(titles: Titles) -> bytes:
    rows = "".join(f'"{title}","Doe J",2026,{number}\n' for number, title in titles.items())
    return raw(f"Title,Authors,Year,PMID\n{rows}")


def as_endnote(titles: Titles) -> bytes:
    record = (
        "<record><titles><title><style>{}</style></title></titles><dates><year>2026</year></dates>"
        "<accession-num><style>{}</style></accession-num></record>"
    )
    held = "".join(record.format(title, number) for number, title in titles.items())
    return raw(f'<?xml version="1.0" encoding="UTF-8"?><xml><records>{held}</records></xml>')


def as_ictrp(titles: Titles) -> bytes:
    trial = "<Trial><TrialID>{}</TrialID><Scientific_title>{}</Scientific_title></Trial>"
    held = "".join(trial.format(number, title) for number, title in titles.items())
    return raw(f"<Trials_downloaded_from_ICTRP>{held}</Trials_downloaded_from_ICTRP>")


def as_pubmed_xml(titles: Titles) -> bytes:
    article = (
        "<PubmedArticle><MedlineCitation><PMID>{}</PMID><Article><Journal><Title>J</Title>"
        "</Journal><ArticleTitle>{}</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
    )
    held = "".join(article.format(number, title) for number, title in titles.items())
    return raw(f"<PubmedArticleSet>{held}</PubmedArticleSet>")


def as_ctgov_json(titles: Titles) -> bytes:
    studies = [
        {
            "protocolSection": {
                "identificationModule": {"nctId": number, "briefTitle": title},
                "statusModule": {"overallStatus": "COMPLETED"},
            }
        }
        for number, title in titles.items()
    ]
    return json.dumps({"studies": studies, "totalCount": len(studies)}).encode()


def as_euctr(titles: Titles) -> bytes:
    trial = (
        "EudraCT Number:         {}\nSponsor Name:           S\n"
        "Full Title:             {}\nStart Date*:            2026-01-01\n"
        "Link:                   there\n\n"
    )
    return raw("".join(trial.format(number, title) for number, title in titles.items()))


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


ARTICLES, TRIALS, EUDRACT = "9900{}", "NCT0990{:04}", "2026-00{:04}-10"
FORMATS: dict[str, tuple[Callable[[Titles], bytes], str, str]] = {
    "RIS": (as_ris, "embase", ARTICLES),
    "nbib": (as_nbib, "embase", ARTICLES),
    "a table": (as_table, "embase", ARTICLES),
    "EndNote XML": (as_endnote, "embase", ARTICLES),
    "PubMed XML": (as_pubmed_xml, "embase", ARTICLES),
    "ICTRP XML": (as_ictrp, "ictrp", TRIALS),
    "ClinicalTrials.gov JSON": (as_ctgov_json, "ictrp", TRIALS),
    "EUCTR text": (as_euctr, "euctr", EUDRACT),
}
ODD = {"half a sign": SURROGATE, "a zero byte": NUL, "a title of a megabyte": LONG}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("world") / "data") as found:
        yield found


def set_aside(world: World) -> set[str]:
    with world.app.database.reading() as connection:
        found = open_tasks(connection)
    return {each.subject for each in found if each.kind is TaskKind.ODD_RECORD}


@pytest.mark.parametrize("shape", ODD)
@pytest.mark.parametrize("name", FORMATS)
def test_an_odd_record_is_set_aside_and_the_others_are_taken(
    world: World, name: str, shape: str
) -> None:
    write, source, numbers = FORMATS[name]
    first = 100 * (1 + list(FORMATS).index(name)) + 10 * list(ODD).index(shape)
    odd, digits, sound = (numbers.format(first + each) for each in range(3))
    titles = {odd: ODD[shape], digits: f"{digits} {DIGITS}", sound: f"A sound one, {sound}"}

    run = take_import(world.app, DORA, write(titles), "an export", source).run

    assert (run.status, run.found) == ("ok", 3)
    assert f"{source}:{odd}" in set_aside(world)
    assert any(odd in each for each in aside(run))
    for number in (digits, sound):
        assert is_taken(world, f"{source}:{number}"), number


def test_what_was_set_aside_can_be_replayed(world: World) -> None:
    assert not verify(world.app.database).faults


def test_a_file_whose_encoding_is_not_as_said_is_refused_and_is_no_list_of_questions(
    world: World,
) -> None:
    before = set_aside(world)
    titles = {TRIALS.format(9_000 + each): f"Essai numéro {each}" for each in range(30)}
    sound = {TRIALS.format(9_100): "A sound one"}
    body = as_ictrp(titles | sound).decode().encode("latin-1")

    with pytest.raises(BadInput, match="found XML that is not well-formed"):
        take_import(world.app, DORA, body, "an export", "ictrp")

    assert set_aside(world) == before
