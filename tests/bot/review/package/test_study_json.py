"""RevMan's study data, read alone and beside tables."""

from __future__ import annotations

import json

import pytest

from bot.errors import PackageFaults
from bot.review.package.model import Concept, ConceptKind, StudyList
from bot.review.package.read_package import read_package
from tests.bot.review.package.made_up import OWN, STUDY, of_2026, study_json


def test_study_data_alone_have_studies_arms_results_and_judgements() -> None:
    package = read_package(study_json())

    (study,) = package.of(StudyList.INCLUDED)
    assert study.references[0].part("authors") == "Ashby AB, Oak C"
    assert study.covariates == (("Strength", "strong"),)
    assert [(each.arm, each.intervention) for each in package.arms] == [
        ("Green tea", "Tea"),
        ("Tap water", "Water"),
    ]
    assert package.bias.judgements[0].domain == "Blinding: All outcomes"
    assert package.bias.judgements[0].judgement == "High risk"


def test_results_of_arms_and_contrasts_become_rows_of_the_results_table() -> None:
    results = read_package(study_json()).results

    assert [(each.of("Data type"), each.of("Arm")) for each in results] == [
        ("Arm level", "Green tea"),
        ("Arm level", "Tap water"),
        ("Contrast level", "Green tea"),
    ]
    assert (results[2].of("Effect measure"), results[2].of("SE")) == ("Mean Difference", "0.5")


def test_a_key_that_nobody_knows_is_named() -> None:
    (left,) = read_package(study_json()).not_held

    assert str(left) == "studies.json: 'mood' of a study (1)"


def test_every_word_that_studies_use_is_a_concept() -> None:
    concepts = read_package(study_json()).concepts

    assert Concept(ConceptKind.INTERVENTION, "Tea", "Any tea") in concepts
    assert Concept(ConceptKind.OUTCOME, "Tiredness") in concepts


def test_beside_tables_the_study_data_add_the_references() -> None:
    files = of_2026()
    files[f"{OWN}-study-data/{OWN}-study-data.json"] = study_json()["studies.json"]

    study = read_package(files).of(StudyList.INCLUDED)[0]

    assert study.references[0].primary
    assert study.ids == (("DOI", " 10.5555/ashby "),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"studies": [', "studies.json line 1: syntax"),
        ('{"studies": {}}', "studies: found {}, expected a list"),
        ('{"studies": [1]}', "studies: found 1, expected an object"),
        ('{"studies": [{"name": []}]}', "name: found [], expected a text"),
    ],
)
def test_what_is_no_study_data_is_refused(text: str, said: str) -> None:
    with pytest.raises(PackageFaults) as refused:
        read_package({"studies.json": text.encode()})

    assert said in str(refused.value)


def test_another_json_is_no_package() -> None:
    with pytest.raises(PackageFaults, match="expected a Cochrane data package"):
        read_package({"x.json": json.dumps(STUDY).encode()})
