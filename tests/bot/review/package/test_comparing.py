"""A baseline held against the package of its review."""

from __future__ import annotations

from pathlib import Path

from bot.review.folder import read_review
from bot.review.package.as_folder import folder_of
from bot.review.package.compared_cells import (
    Baseline,
    CellFinding,
    ComparedCell,
    compared,
    same_study,
)
from bot.review.package.model import (
    DataType,
    Package,
    PackagedAnalysis,
    PackagedRow,
    PackagedSubgroup,
    Weighing,
)
from bot.review.package.read_package import read_package
from bot.review.package.skeleton import NewReview
from bot.review.protocol_file import parse_protocol
from extraction.model import Basis, Cell, Design, Field, Provenance, Study, Value
from tests.bot.a_review import changed
from tests.bot.review.package.made_up import DICHOTOMOUS, EVENTS, ROWS, analysis_files, row


def _compared(place: Path, files: dict[str, bytes]) -> tuple[ComparedCell, ...]:
    """Hold a baseline of analysis 1.1 against a package."""
    moved = folder_of(read_package(analysis_files([DICHOTOMOUS], ROWS[:3])), NewReview("t", "T"))
    for path, body in moved.files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(body)
    review = read_review(place)
    return compared(Baseline(review.protocol, review.studies, review.values), read_package(files))


def test_the_package_itself_confirms_every_cell(tmp_path: Path) -> None:
    cells = _compared(tmp_path, analysis_files([DICHOTOMOUS], ROWS[:3]))

    assert {each.finding for each in cells} == {CellFinding.CONFIRMED}
    assert len(cells) == 12


def test_another_number_contradicts_with_what_is_printed(tmp_path: Path) -> None:
    other = row("1.1", "Ashby 2001", {**EVENTS, "Control cases": "3"})

    cells = _compared(tmp_path, analysis_files([DICHOTOMOUS], [other, *ROWS[1:3]]))

    (wrong,) = [each for each in cells if each.finding is CellFinding.CONTRADICTED]
    assert (wrong.number, wrong.printed) == (2, 3)
    assert wrong.where == "analysis 1.1, Ashby 2001"


def test_a_study_or_an_analysis_that_is_not_there_is_said(tmp_path: Path) -> None:
    cells = _compared(tmp_path, analysis_files([DICHOTOMOUS], ROWS[1:3]))

    missing = {each.where for each in cells if each.finding is CellFinding.NOT_FOUND}
    assert missing == {"analysis 1.1 has no row of Ashby 2001"}


def test_arms_that_are_labelled_the_other_way_round_are_turned(tmp_path: Path) -> None:
    labels = {"Experimental group label": "Water", "Control group label": "Tea"}
    turned = {
        **{"Experimental cases": "2", "Experimental N": "10"},
        **{"Control cases": "4", "Control N": "10"},
    }

    cells = _compared(
        tmp_path, analysis_files([{**DICHOTOMOUS, **labels}], [row("1.1", "Ashby 2001", turned)])
    )

    found = [each.finding for each in cells if "ashby" in each.cell]
    assert found == [CellFinding.CONFIRMED] * 4


def test_a_name_is_known_whatever_stands_between_its_words() -> None:
    assert same_study("Ashby&nbsp;2001", "ashby  2001")
    assert not same_study("Ashby 2001", "Ashby 2001a")


def doses(control: float) -> tuple[CellFinding, ...]:
    """Compare a trial of two doses, its control shared out among two rows of the package."""
    protocol = parse_protocol(
        changed(
            '[[arms]]\nid = "water"',
            '[[arms]]\nid = "weak"\nlabel = "Weak tea"\npart_of = "tea"\n\n'
            '[[arms]]\nid = "strong"\nlabel = "Strong tea"\npart_of = "tea"\n\n'
            '[[arms]]\nid = "water"',
        )
    )
    plan = protocol.analyses[0]
    analysis = PackagedAnalysis(
        group="1",
        number="1",
        name="Awake",
        group_name="",
        unit="",
        data_type=DataType.DICHOTOMOUS,
        weighing=Weighing.MH,
        measure="Risk Ratio",
        log_scale=True,
        random=False,
        label_1="Tea",
        label_2="Water",
        rows=(
            PackagedRow("Doe 2020", subgroup="1", cases_1=3, n_1=10, cases_2=1, n_2=5),
            PackagedRow("Doe 2020", subgroup="2", cases_1=6, n_1=11, cases_2=1, n_2=5),
        ),
        subgroups=(PackagedSubgroup("1", "Weak tea"), PackagedSubgroup("2", "Strong tea")),
    )
    protocol = protocol.model_copy(
        update={"analyses": (plan.model_copy(update={"id": analysis.key}),)}
    )
    told = {"weak": 3, "strong": 6, "water": control}
    where = Provenance(Basis.DERIVED, "the review")
    values = [
        Value(Cell("doe", plan.outcome, "one hour", (arm,), Field.EVENTS), number, where)
        for arm, number in told.items()
    ]
    study = Study("doe", "Doe 2020", Design.PARALLEL, ("weak", "strong", "water"))
    package = Package("t", "T", "", analyses=(analysis,))
    return tuple(each.finding for each in compared(Baseline(protocol, (study,), values), package))


def test_a_dose_is_compared_in_its_own_row_and_a_shared_arm_with_its_shares() -> None:
    assert doses(2) == (CellFinding.CONFIRMED,) * 3
    assert doses(4) == (CellFinding.CONFIRMED, CellFinding.CONFIRMED, CellFinding.CONTRADICTED)
