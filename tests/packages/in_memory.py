"""A package through the product without its commands: as a folder, pooled, and written again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.report.as_package import ReviewNow, package_of_review
from bot.results.result_json import analysis_json
from bot.review.folder import read_review
from bot.review.package.as_folder import PACKAGE_FOLDER, folder_of
from bot.review.package.model import Package, PackagedAnalysis, StudyList
from bot.review.package.read_package import read_package
from bot.review.package.skeleton import NewReview
from bot.review.package.writing import package_files
from bot.synthesis.assemble import assemble
from tests.packages.engine_results import engine_results
from tests.packages.product_results import Product, product_results
from tests.packages.results import NEAR, Ours

COMPARED = ("estimate", "lower", "upper", "tau2", "chi2")


def through_memory(package: Package, place: Path) -> Product:
    """Move a package into a folder at a place, pool it, and write it out again."""
    texts = folder_of(package, NewReview(id="tea", title="Tea"))
    for path, body in texts.files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(body)
    review = read_review(place)
    facts = {
        path.removeprefix(f"{PACKAGE_FOLDER}/"): body
        for path, body in texts.files.items()
        if path.startswith(PACKAGE_FOLDER)
    }
    results = assemble(review.protocol, review.studies, review.values)
    now = ReviewNow(
        review.protocol,
        [(each, StudyList.INCLUDED) for each in review.studies],
        {each.cell.key: each.number for each in review.values},
        {each.id: each for each in results},
        read_package(facts),
    )
    exported = read_package(package_files(package_of_review(now)))
    return Product(product_results(package, [analysis_json(each) for each in results]), exported)


def unlike_the_engine(package: Package, product: Product) -> Iterator[str]:
    """Name each result in which the product and the engine, asked directly, differ."""
    asked = engine_results(package)
    for analysis in package.analyses:
        for number in _results_of(analysis):
            engine = asked.get((analysis.key, number))
            here = product.results.get((analysis.key, number))
            for name in COMPARED:
                pair = (_number(engine, name, analysis), _number(here, name, analysis))
                if not _alike(*pair):
                    yield f"{analysis.key} '{number}' {name}: engine {pair[0]}, product {pair[1]}"


def _results_of(analysis: PackagedAnalysis) -> Iterator[str]:
    if analysis.overall:
        yield ""
    yield from (each.number for each in analysis.subgroups)


def _number(ours: Ours | None, name: str, analysis: PackagedAnalysis) -> float | None:
    """Return a number; the spread of one study, and τ² of a common effect, are none."""
    if ours is None or (name == "tau2" and not analysis.random):
        return None
    if name == "chi2" and not ours.printed.df:
        return None
    found: float | None = getattr(ours.printed, name)
    return found


def _alike(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= NEAR * max(abs(one), abs(other), 1e-6)
