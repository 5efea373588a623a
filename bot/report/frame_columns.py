"""The columns of each frame of a review, with their types as pandas names them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

TEXT, WHOLE, NUMBER, YES_NO, INSTANT = "str", "Int64", "float64", "bool", "datetime64[us, UTC]"
LIMITS = {"estimate": NUMBER, "ci_lower": NUMBER, "ci_upper": NUMBER}


def _texts(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, TEXT)


RECORDS = {
    **_texts("record", "source", "source_id", "kind", "title", "abstract", "authors", "journal"),
    **_texts("volume", "issue", "pages"),
    "year": WHOLE,
    **_texts("published_on", "languages", "publication_types", "pmid", "pmcid", "doi"),
    **_texts("register_ids", "candidate", "study", "status"),
    "found_at": INSTANT,
}
DECISIONS = _texts("candidate", "stage", "kind", "person", "verdict", "criterion", "note")
VALUES = {
    **_texts("study", "outcome", "time_point", "arms", "field", "stratum"),
    "number": NUMBER,
    **_texts("unit", "basis", "source", "locator", "quote", "how", "accepted", "people"),
}
RESULTS = {
    **_texts("analysis", "outcome", "comparison", "time_point", "subgroup", "measure", "method"),
    **_texts("model", "tau2_method", "interval"),
    "level": NUMBER,
    **LIMITS,
    "prediction_lower": NUMBER,
    "prediction_upper": NUMBER,
    **dict.fromkeys(("tau2", "i2", "q", "q_p"), NUMBER),
    **dict.fromkeys(("q_df", "studies", "participants"), WHOLE),
    "not_estimable": TEXT,
}
ARMS = ("events", "total", "mean", "sd", "time")
ROWS = {
    **_texts("analysis", "study", "label"),
    "year": WHOLE,
    **_texts("stratum", "subgroup", "enters"),
    **{f"{name}_{arm}": NUMBER for arm in (1, 2) for name in ARMS},
    **LIMITS,
    "weight": NUMBER,
    "left_out": TEXT,
    "derived": YES_NO,
}
SEARCHES = {
    **_texts("search", "source", "status"),
    "started_at": INSTANT,
    "finished_at": INSTANT,
    "query": TEXT,
    **dict.fromkeys(("found", "new", "known", "changed", "candidates_new"), WHOLE),
    "error": TEXT,
    "withdrawn": YES_NO,
}
FRAMES: Mapping[str, Mapping[str, str]] = {
    "records": RECORDS,
    "decisions": DECISIONS,
    "values": VALUES,
    "results": RESULTS,
    "rows": ROWS,
    "searches": SEARCHES,
}
