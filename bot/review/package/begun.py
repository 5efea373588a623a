"""A new review without a package: the few answers of people as the files of a folder. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.review.package.naming import id_of
from bot.review.package.skeleton import NewReview, head, strategies, tail
from bot.review.package.toml_writing import Plain, toml_table

_VALUES = "study,outcome,time_point,arms,field,number,unit,basis,source,locator,quote,how\n"
_ITEMS = "id,title,sources,study,confirmed\n"


@dataclass(frozen=True, slots=True)
class FirstAnalysis:
    """What a new review compares first: two arms, one outcome, and whether more of it is good."""

    arms: tuple[str, str]
    outcome: str
    events: bool
    more_is_good: bool
    time_point: str
    measure: str = ""  # "" is the risk ratio of events and the difference of means


def begun_folder(review: NewReview, first: FirstAnalysis) -> dict[str, bytes]:
    """Return the files of a review folder that is valid, and has no study yet.

    How it is computed is left to the defaults of docs/methods.md.
    """
    texts = {
        "protocol.toml": "\n".join([head(review), *_tables(first), tail(review)]),
        "baseline/studies.toml": "# Studies enter as the review finds and accepts them.\n",
        "baseline/values.csv": _VALUES,
        "known_items.csv": _ITEMS,
        **{f"strategies/{name}": text for name, text in strategies(review).items()},
    }
    return {path: text.encode() for path, text in texts.items()}


def _tables(first: FirstAnalysis) -> list[str]:
    one = id_of(first.arms[0], (), "arm-1")
    two = id_of(first.arms[1], {one}, "arm-2")
    outcome = id_of(first.outcome, (), "outcome")
    measure = first.measure or ("RR" if first.events else "MD")
    null = 1 if measure in ("RR", "OR", "ROM", "PETO") else 0
    return [
        toml_table("arms", {"id": one, "label": first.arms[0]}),
        toml_table("arms", {"id": two, "label": first.arms[1]}),
        toml_table("outcomes", _outcome(first, outcome)),
        toml_table(
            "comparisons",
            {"id": f"{one}-{two}", "label": " v ".join(first.arms), "arms": (one, two)},
        ),
        toml_table(
            "analyses",
            {
                "id": "1.1",
                "outcome": outcome,
                "comparison": f"{one}-{two}",
                "measure": measure,
                "method": "PETO" if measure == "PETO" else "IV",
                "model": "common" if measure == "PETO" else "random",
                "arm_1": one,
                "arm_2": two,
                "direction": f"above {null} favours {one if first.more_is_good else two}",
            },
        ),
    ]


def _outcome(first: FirstAnalysis, own: str) -> dict[str, Plain | None]:
    more = (
        {"kind": "events", "event_is": "good" if first.more_is_good else "bad"}
        if first.events
        else {"kind": "continuous", "higher_is": "better" if first.more_is_good else "worse"}
    )
    return {"id": own, "label": first.outcome, **more, "time_point": first.time_point, "key": True}
