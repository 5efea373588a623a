"""What the product makes of a package, by its commands: new, analyse, export."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.review.package.as_folder import subgroup_labels
from bot.review.package.model import Package, Printed
from bot.review.package.read_package import read_package
from tests.packages.results import Ours

LIVINGREVIEW = (sys.executable, "-m", "bot")


class ProductFailed(Exception):
    """A command of the product did not end as it should; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Product:
    """What the commands gave: results by analysis and subgroup, and the package exported again."""

    results: dict[tuple[str, str], Ours]
    exported: Package


def through_the_product(files: Mapping[str, bytes], package: Package) -> Product:
    """Move a package in, have it pooled, and write it out again, each by its command."""
    with TemporaryDirectory() as name:
        place = Path(name)
        given, folder, out = place / "given", place / "review", place / "out"
        _write(given, files)
        source = next(given.iterdir()) if len(files) == 1 else given
        environment = os.environ | {
            "LIVINGREVIEW_REVIEW": str(folder),
            "LIVINGREVIEW_DATA": str(place / "data"),
        }
        _said(environment, "new", str(folder), "--from", str(source))
        answered = json.loads(_said(environment, "analyse", "--json"))
        _said(environment, "export", str(out), "--format", "cochrane")
        exported = read_package(
            {
                each.relative_to(out).as_posix(): each.read_bytes()
                for each in sorted(out.rglob("*"))
                if each.is_file()
            }
        )
    return Product(product_results(package, answered["analyses"]), exported)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, body in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(body)


def _said(environment: Mapping[str, str], *words: str) -> str:
    done = subprocess.run(
        [*LIVINGREVIEW, *words], env=dict(environment), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ProductFailed(f"livingreview {words[0]}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def product_results(
    package: Package, analyses: Sequence[dict[str, Any]]
) -> dict[tuple[str, str], Ours]:
    """Return what `analyse --json` says, by the analysis and the number of the subgroup."""
    by_id = {each["id"]: each for each in analyses}
    found: dict[tuple[str, str], Ours] = {}
    for analysis in package.analyses:
        answer = by_id.get(analysis.key)
        if answer is None:
            continue
        found[analysis.key, ""] = _ours(answer, answer.get("subgroup_test"))
        labelled = {each["label"]: each for each in answer.get("subgroups") or ()}
        for number, label in subgroup_labels(analysis).items():
            if label in labelled:
                found[analysis.key, number] = _ours(labelled[label], None)
    return found


def _ours(answer: dict[str, Any], between: dict[str, Any] | None) -> Ours:
    """Return one result of the JSON in the units of a package."""
    if answer["estimate"] is None:
        return Ours(Printed(), str(answer.get("not_estimable")))
    spread = answer.get("heterogeneity") or {}
    prediction = answer.get("prediction") or {}
    return Ours(
        Printed(
            estimate=answer["estimate"],
            lower=answer["ci_lower"],
            upper=answer["ci_upper"],
            tau2=spread.get("tau2"),
            chi2=spread.get("q"),
            df=spread.get("df"),
            i2=None if spread.get("i2") is None else 100 * spread["i2"],
            prediction_lower=prediction.get("lower"),
            prediction_upper=prediction.get("upper"),
            tau2_lower=spread.get("tau2_lower"),
            tau2_upper=spread.get("tau2_upper"),
            between_chi2=(between or {}).get("q"),
            between_df=(between or {}).get("df"),
        )
    )
