"""The printed results of published reviews are those of the product, or a rule says why not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.review.package.read_package import read_package
from tests.bot.review.package.made_up import DICHOTOMOUS, EVENTS, Row, analysis_files, row
from tests.packages.__main__ import Found, Told, differences, held, main, packages_in

TWO = (
    row("1.1", "Ashby 2001", EVENTS, Mean="2", CI_start="0.4", CI_end="9", Weight="50"),
    row("1.1", "Birch 2002", EVENTS, Mean="2", CI_start="0.4", CI_end="9", Weight="50"),
)
# Of twice 4/10 v 2/10 the log risk ratio is ln 2, its variance 11/40 (Greenland & Robins 1985).
COMPUTED = {"CI start": "0.7155766169836816", "CI end": "5.589897580584607"}


def _package(**printed: str) -> dict[str, bytes]:
    settings: Row = {**DICHOTOMOUS, **COMPUTED, **printed}
    return analysis_files([settings], TWO)


def _told(files: dict[str, bytes]) -> Told:
    return held(Found("tea", files), engine=True)


def _in(folder: Path, files: dict[str, bytes]) -> Path:
    for path, body in files.items():
        (folder / "tea" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "tea" / path).write_bytes(body)
    return folder


def test_a_printed_result_that_is_ours_is_equal() -> None:
    (verdict,) = _told(_package()).verdicts

    assert (verdict.wrong, verdict.rule) == ((), "")
    assert verdict.equal == 5


def test_a_digit_that_differs_is_unexplained() -> None:
    told = _told(_package(**{"CI end": "5.589897680584607"}))

    (wrong,) = told.verdicts[0].wrong
    assert wrong.startswith("upper 5.589897680584607, here 5.5898975805")
    assert not told.is_well


def test_rounded_digits_are_held_to_the_last_of_them() -> None:
    near = {"CI start": "0.715577", "CI end": "5.589898", "Effect Z": "1.321775"}

    assert _told(_package(**near)).is_well
    assert not _told(_package(**{**near, "CI end": "5.589899"})).is_well


def test_what_is_switched_off_or_was_never_computed_has_its_rule() -> None:
    off = _told(_package(**{"Overall estimates": "false", "Mean": ""}))
    never = _told(
        analysis_files(
            [{**DICHOTOMOUS, "Mean": "0", "CI start": "0", "CI end": "0"}],
            [{**each, "Mean": "", "CI start": "", "CI end": ""} for each in TWO],
        )
    )

    assert off.verdicts[0].rule == "overall estimates are switched off"
    assert never.verdicts[0].rule.startswith("never computed in the file")


def test_a_review_of_diagnostic_tests_is_listed_and_is_no_failure() -> None:
    told = _told({"CD9-parameters.csv": b"Analysis\n1\n"})

    assert "a review of diagnostic tests" in told.rule
    assert told.is_well


def test_two_packages_that_differ_say_in_what() -> None:
    one, other = read_package(_package()), read_package(_package(**{"Mean": "3"}))

    assert list(differences(one, other)) == ["'analyses' is not as it came"]


def test_a_package_goes_through_the_product_and_comes_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main([str(_in(tmp_path, _package())), "--json"])

    (found,) = json.loads(capsys.readouterr().out)["packages"]
    assert (found["fault"], found["written_out"]) == (None, [])
    assert [each["wrong"] for each in found["results"]] == [[]]
    assert status == 0


def test_an_unexplained_result_and_an_empty_folder_end_in_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "none").mkdir()

    assert main([str(_in(tmp_path / "one", _package(Mean="2.1"))), "--engine"]) == 1
    assert main([str(tmp_path / "none"), "--engine"]) == 1
    assert "! CD999999 1.1: estimate 2.1, here 2.0" in capsys.readouterr().out


def test_every_printed_result_of_the_real_packages_is_reproduced(shared: Path) -> None:
    told = [held(each, engine=True) for each in packages_in(shared / "packages")]

    assert [each.name for each in told if not each.is_well] == []
    equal = sum(1 for each in told for v in each.verdicts if not v.wrong and not v.rule)
    assert equal == 193
