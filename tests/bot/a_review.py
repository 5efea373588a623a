"""A small review that is not the one we ship: its protocol, for tests that change a line of it."""

from __future__ import annotations

PROTOCOL = """\
[review]
id = "tea"
version = "1"
title = "Tea for tiredness"
short_title = "Tea"
question = "Does tea help tired people?"
time_zone = "Europe/Dublin"

[[criteria]]
id = "E1"
text = "Tired people."

[[roles]]
id = "screener"
seats = 2
text = "Screens."

[[roles]]
id = "extractor"
seats = 2
text = "Extracts."

[[roles]]
id = "adjudicator"
seats = 1
text = "Rules."

[[roles]]
id = "lead"
seats = 1
text = "Leads."

[[roles]]
id = "information_specialist"
seats = 1
text = "Searches."

[[roles]]
id = "operator"
seats = 1
text = "Runs the program."

[[sources]]
id = "pubmed"
kind = "pubmed"
name = "PubMed"
schedule = "10 6 * * mon"
strategy = "pubmed.txt"

[[sources]]
id = "library"
kind = "manual"
name = "The Library"
schedule = "0 9 1 3,9 *"
strategy = "library.txt"

[[arms]]
id = "tea"
label = "Tea"

[[arms]]
id = "water"
label = "Water"

[[arms]]
id = "milk"
label = "Milk"

[[outcomes]]
id = "awake"
label = "Awake"
kind = "events"
event_is = "good"
time_point = "one hour"

[[outcomes]]
id = "spilled"
label = "Spilled"
kind = "events"
event_is = "bad"
time_point = "one hour"

[[outcomes]]
id = "vigour"
label = "Vigour"
kind = "continuous"
higher_is = "better"
time_point = "one hour"
unit = "points"

[[comparisons]]
id = "tea-water"
label = "Tea v water"
arms = ["tea", "water"]

[[analyses]]
id = "1"
outcome = "awake"
comparison = "tea-water"
measure = "RR"
method = "MH"
model = "common"
arm_1 = "tea"
arm_2 = "water"
direction = "above 1 favours tea"

[analyses.published]
estimate = "1.50"
ci_lower = "1.01"
ci_upper = "2.20"
certainty = "low"
source = "a leaflet"
studies = 2
participants = 40

[[analyses]]
id = "2"
outcome = "spilled"
comparison = "tea-water"
measure = "RR"
method = "MH"
model = "common"
arm_1 = "water"
arm_2 = "tea"
direction = "above 1 favours tea"

[[analyses]]
id = "3"
outcome = "vigour"
comparison = "tea-water"
measure = "MD"
method = "IV"
model = "random"
arm_1 = "tea"
arm_2 = "water"
direction = "above 0 favours tea"

[[signal_rules]]
id = "S2"
text = "The effect changed by half."
changes_conclusions = false
parameter = 0.5

[living]
mode = "trigger"
rationale = "Tea is drunk every day."
preceding_doi = "10.1000/tea.1"
retirement = "When nobody is tired."
updating_policy = "Weekly."
"""


def changed(old: str, new: str, text: str = PROTOCOL) -> str:
    """Return the protocol with one line changed, and fail where the line is not there once."""
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new)


def line_of(part: str, text: str = PROTOCOL) -> int:
    """Return the line on which a part of the text stands for the first time."""
    return text[: text.index(part)].count("\n") + 1
