"""Packages written for the tests, in every shape that is read: a review of tea that never was."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence

Row = Mapping[str, str]

OWN = "CD999999"
DICHOTOMOUS: Row = {
    "Analysis group": "1",
    "Analysis number": "1",
    "Analysis name": "Awake &amp; well",
    "Analysis group name": "Tea v water",
    "Data source": "Custom input",
    "Data source eligibility": "#N/A",
    "Data type": "Dichotomous",
    "Log-scale data": "true",
    "Experimental group label": "Tea",
    "Control group label": "Water",
    "Statistical method": "MH",
    "Effect measure": "Risk Ratio",
    "Analysis model": "Fixed effect",
    "Heterogeneity estimator": "#N/A",
    "Tau² CI": "false",
    "Subgroup estimates": "true",
    "Overall estimates": "true",
    "Test for subgroup differences": "true",
    "Prediction interval": "false",
    "Swap event and non-event": "false",
    "CI method": "Wald",
    "CI/PI level": "95%",
    "Sort studies by": "STUDY",
    "Graph label (left)": "Favours water",
    "Graph label (right)": "Favours tea",
    "Graph scale": "100",
    "Show risk of bias": "true",
    "Experimental cases": "8",
    "Experimental N": "20",
    "Control cases": "4",
    "Control N": "20",
    "Mean": "2",
    "CI start": "0.7",
    "CI end": "5.6",
    "Heterogeneity Chi²": "0",
    "Heterogeneity df": "1",
    "Heterogeneity P": "1",
    "Heterogeneity I²": "0",
    "Effect Z": "1.3",
    "Effect P": "0.19",
    "ID": "analysis:1",
}
CONTINUOUS: Row = {
    **DICHOTOMOUS,
    "Analysis number": "2",
    "Analysis name": "Tiredness",
    "Data type": "Continuous",
    "Log-scale data": "false",
    "Statistical method": "IV",
    "Effect measure": "Mean Difference",
    "Unit of effect measure": "points",
    "Analysis model": "Random effect",
    "Heterogeneity estimator": "REML",
    "CI method": "HKSJ",
    "Graph label (left)": "Favours tea",
    "Graph label (right)": "Favours water",
    "Experimental cases": "",
    "Control cases": "",
    "Mean": "-1.5",
    "CI start": "-3",
    "CI end": "0",
    "Heterogeneity Tau²": "3.59E-4",
    "ID": "analysis:2",
}
GENERIC: Row = {
    **CONTINUOUS,
    "Analysis number": "3",
    "Analysis name": "Naps",
    "Data type": "Contrast level",
    "Log-scale data": "true",
    "Effect measure": "Rate Ratio",
    "Unit of effect measure": "",
    "Mean": "0.8",
    "CI start": "0.5",
    "CI end": "1.3",
    "ID": "analysis:3",
}
EVENTS = {
    "Experimental cases": "4",
    "Experimental N": "10",
    "Control cases": "2",
    "Control N": "10",
}
MEANS = {
    **{"Experimental mean": "1.5", "Experimental SD": "0.5", "Experimental N": "10"},
    **{"Control mean": "3", "Control SD": "0.5", "Control N": "10"},
}
OF_ROWS = (
    *("Analysis group", "Analysis number", "Analysis name", "Subgroup", "Subgroup number"),
    *("Applicability", "Study", "Study year", "GIV Mean", "GIV SE", "Experimental mean"),
    *("Experimental SD", "Experimental cases", "Experimental N", "Control mean", "Control SD"),
    *("Control cases", "Control N", "O-E", "Variance", "Weight", "Mean", "CI start", "CI end"),
    "Footnotes",
)
OF_SUBGROUPS = (
    *("Analysis group", "Analysis number", "Subgroup", "Subgroup number", "Experimental cases"),
    *("Experimental N", "Control cases", "Control N", "Weight", "Mean", "CI start", "CI end"),
    *("Heterogeneity Tau²", "Heterogeneity Chi²", "Heterogeneity df", "ID"),
)


def row(analysis: str, study: str, figures: Row, **more: str) -> dict[str, str]:
    """A row of an analysis; `more` by column, its blanks as underscores."""
    group, number = analysis.split(".")
    return {
        "Analysis group": group,
        "Analysis number": number,
        "Applicability": "SUBGROUP_AND_OVERALL",
        "Study": study,
        "Study year": study[-4:],
        **figures,
        **{name.replace("_", " "): value for name, value in more.items()},
    }


EFFECT = {"Weight": "50", "Mean": "2", "CI_start": "0.5", "CI_end": "8"}
ROWS = (
    row("1.1", "Ashby 2001", EVENTS, **EFFECT),
    row("1.1", "Birch 2002", EVENTS, **EFFECT),
    row("1.1", "Calm 2003", {**EVENTS, "Experimental cases": "0", "Control cases": "0"}),
    row("1.2", "Ashby 2001", MEANS, Mean="-1.5", CI_start="-1.9", CI_end="-1.1", Weight="100"),
    row("1.3", "Birch 2002", {"GIV Mean": "-0.22", "GIV SE": "0.2"}, Mean="0.8", Weight="100"),
)


def table(
    columns: Sequence[str], rows: Sequence[Row], *, ends: str = "\n", mark: str = ""
) -> bytes:
    """A CSV file of these columns."""
    stream = io.StringIO(newline="")
    written = csv.writer(stream, lineterminator=ends)
    written.writerow(columns)
    written.writerows([each.get(column, "") for column in columns] for each in rows)
    return f"{mark}{stream.getvalue()}".encode()


def analysis_files(
    settings: Sequence[Row] = (DICHOTOMOUS, CONTINUOUS, GENERIC),
    rows: Sequence[Row] = ROWS,
    subgroups: Sequence[Row] = (),
    *,
    ends: str = "\n",
    mark: str = "",
) -> dict[str, bytes]:
    """The three tables of the analyses."""
    columns = list(dict.fromkeys(name for each in settings for name in each))
    extra = [
        name for name in dict.fromkeys(n for each in rows for n in each) if name not in OF_ROWS
    ]
    place = f"{OWN}-analysis-data/{OWN}"
    files = {
        f"{place}-overall-estimates-and-settings.csv": table(
            columns, settings, ends=ends, mark=mark
        ),
        f"{place}-data-rows.csv": table([*OF_ROWS, *extra], rows, ends=ends, mark=mark),
    }
    if subgroups:
        files[f"{place}-subgroup-estimates.csv"] = table(
            OF_SUBGROUPS, subgroups, ends=ends, mark=mark
        )
    return files


def study_files() -> dict[str, bytes]:
    """The tables of the studies, of all four lists, with arms, results and risk of bias."""
    place = f"{OWN}-study-data/{OWN}"
    information = ("Study", "Year", "Data source", "ID: DOI", "Char: Methods", "Cov: Strength")
    return {
        f"{place}-study-information.csv": table(
            information,
            [
                {
                    **{"Study": "Ashby 2001", "Year": "2001", "Data source": "PUB"},
                    **{"ID: DOI": " 10.5555/ashby ", "Char: Methods": "<p>Drawn by lot.</p>"},
                    "Cov: Strength": "strong",
                },
                {"Study": "Birch 2002", "Year": "", "Data source": "PUB", "Cov: Strength": "weak"},
                {"Study": "Calm 2003", "Year": "2003", "Data source": "UNPUB"},
            ],
        ),
        f"{place}-excluded-study-information.csv": table(
            ("Study", "Year", "Data source", "Char: Reason for exclusion"),
            [{"Study": "Dull 2004", "Year": "2004", "Char: Reason for exclusion": "No tea."}],
        ),
        f"{place}-awaiting-study-information.csv": table(
            ("Study", "Year"), [{"Study": "Elm 2005"}]
        ),
        f"{place}-ongoing-study-information.csv": table(("Study", "Year"), [{"Study": "Fen 2006"}]),
        f"{place}-study-arms.csv": table(
            ("Study", "Arm", "Description", "Intervention"),
            [
                {"Study": "Ashby 2001", "Arm": "Green tea", "Intervention": "Tea"},
                {"Study": "Ashby 2001", "Arm": "Tap water", "Intervention": "Water"},
            ],
        ),
        f"{place}-study-results.csv": table(
            ("Study", "Outcome", "Data type", "Effect measure", "Arm", "Sample size", "Cases"),
            [
                {
                    **{"Study": "Ashby 2001", "Outcome": "Awake", "Data type": "Arm level"},
                    **{"Arm": "Green tea", "Sample size": "10", "Cases": "4"},
                },
                {
                    **{"Study": "Ashby 2001", "Outcome": "Awake", "Data type": "Arm level"},
                    **{"Arm": "Tap water", "Sample size": "10", "Cases": "2"},
                },
            ],
        ),
        f"{place}-risk-of-bias.csv": table(
            (
                *("Study", "Domain (judgement): Sequence", "Domain (support): Sequence"),
                "Domain (judgement): Blinding: All outcomes",
                "Domain (support): Blinding: All outcomes",
            ),
            [
                {
                    **{"Study": "Ashby 2001", "Domain (judgement): Sequence": "Low risk"},
                    **{"Domain (support): Sequence": "By lot.", _BLINDING: "High risk"},
                },
                {"Study": "Birch 2002", "Domain (judgement): Sequence": "Unclear risk"},
            ],
        ),
        f"{place}-included.ris": RIS.encode(),
        f"{OWN}-other-references/{OWN}-additional-references.ris": OTHER_RIS.encode(),
        f"{OWN}-data-package-info.html": INFO.encode(),
    }


_BLINDING = "Domain (judgement): Blinding: All outcomes"
RIS = """TY  - JOUR
AU  - Ashby,A.B.
AU  - Oak,C.
TI  - Tea against tiredness: a trial
JF  - Journal of Naps
DA  - 2001///
VL  - 7
IS  - 2
SP  - 11
EP  - 9
NS  - Ashby 2001
C3  - CRS 123
DO  - 10.5555/ashby
C3  - PubMed 99000001
ER  -

TY  - GEN
AU  - NCT99000002
TI  - Tea and naps
NS  - Birch 2002
ER  -
"""
OTHER_RIS = """TY  - BOOK
AU  - Yew Z
TI  - All of tea
DA  - 1999
PB  - Leaf
CY  - Cork
ER  -
"""
INFO = (
    "<html><head><title>Data package</title></head><body>"
    "<h1>Supplementary material 6 to: Tea &amp; tiredness</h1>"
    '<p><a href="https://doi.org/10.1002/14651858.CD999999.pub2">…</a></p></body></html>'
)


def of_2026() -> dict[str, bytes]:
    """A data package as a folder, of the shape of 2026."""
    return {**analysis_files(), **study_files()}


def of_early_2026() -> dict[str, bytes]:
    """The same as before that: rounded to six decimals, lines as Windows ends them."""
    settings = [
        {n: v for n, v in each.items() if not n.startswith(("Graph", "Sort", "Show"))}
        for each in (DICHOTOMOUS, CONTINUOUS)
    ]
    return analysis_files(settings, ROWS[:4], ends="\r\n")


def of_2023() -> dict[str, bytes]:
    """A package of version 1: an archive in an archive, zeros for what is not there."""
    settings = [
        {
            **{n: v for n, v in DICHOTOMOUS.items() if n not in _NEW},
            **{"Study CI": "99%", "Estimate CI": "95%"},
        },
        {
            **{n: v for n, v in CONTINUOUS.items() if n not in _NEW},
            **{"Study CI": "95%", "Estimate CI": "95%", "Mean": "0", "CI start": "0"},
            **{"CI end": "0", "Heterogeneity Tau²": "0"},
        },
    ]
    zeros = {"GIV Mean": "0.0", "GIV SE": "0.0", "O-E": "0.0", "Variance": "0.0"}
    none = {"Weight": "0", "Mean": "0", "CI start": "0", "CI end": "0"}
    rows = [
        {**zeros, "Experimental mean": "0.0", **ROWS[0]},
        {**zeros, "Experimental mean": "0.0", **ROWS[2], **none},
        {**zeros, "Experimental cases": "0", **ROWS[3], **none},
    ]
    inner = analysis_files(settings, rows, mark="\ufeff")
    return {"tea.zip": archive({"tea/article.pdf": b"%PDF", "tea/data.zip": archive(inner)})}


_NEW = frozenset(
    {
        *("Heterogeneity estimator", "Tau² CI", "Prediction interval", "CI method", "CI/PI level"),
        *("Sort studies by", "Graph label (left)", "Graph label (right)", "Graph scale"),
        "Show risk of bias",
    }
)


def archive(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive of files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for path, body in files.items():
            packed.writestr(path, body)
    return stream.getvalue()


def study_json() -> dict[str, bytes]:
    """RevMan's study data alone: no analysis, one study."""
    return {
        "studies.json": json.dumps(
            {
                "$schema": "https://assets.cochrane.org/schema/v1/studies.schema.json",
                "review-level-concepts": {
                    "interventions": [{"name": "Tea", "description": "Any tea"}],
                    "risk-of-bias-domains": [
                        {"name": "Blinding", "study-level": False, "groups": ["All outcomes"]}
                    ],
                },
                "studies": [STUDY],
            }
        ).encode()
    }


STUDY = {
    "name": "Ashby 2001",
    "year": "2001",
    "data-source": "PUB",
    "identifiers": [{"name": "DOI", "value": "10.5555/ashby"}],
    "references": [
        {
            **{"reference-type": "JOURNAL_ARTICLE", "primary": True, "authors": "Ashby AB, Oak C"},
            **{"title": "Tea against tiredness", "source": "Journal of Naps"},
            "identifiers": [{"name": "PUBMED", "value": "99000001"}],
        }
    ],
    "characteristics": [{"name": "Methods", "value": "<p>Drawn by lot.</p>"}],
    "covariates": [{"name": "Strength", "value": "strong"}],
    "arms": [
        {"name": "Green tea", "description": "", "intervention": "Tea"},
        {"name": "Tap water", "description": "", "intervention": "Water"},
    ],
    "results": [
        {
            "outcome": "Awake",
            "arm-level-result": {
                "dichotomous-data-rows": [
                    {"arm": "Green tea", "cases": 4, "sample-size": 10},
                    {"arm": "Tap water", "cases": 2, "sample-size": 10},
                ]
            },
        },
        {
            "outcome": "Tiredness",
            "contrast-level-results": [
                {
                    "effect-measure": "MD",
                    "reference-arm": "Tap water",
                    "contrast-data-rows": [{"arm": "Green tea", "mean": -1.5, "se": 0.5}],
                }
            ],
        },
    ],
    "risk-of-bias": [
        {"domain": "Blinding", "group": "All outcomes", "judgement": "HIGH_RISK"},
    ],
    "mood": "cheerful",
}

RM5 = """<?xml version="1.0" encoding="{encoding}"?>
<COCHRANE_REVIEW DOI="10.1002/14651858.CD999998.pub3" ID="1" REVIEW_NO="T01" TYPE="{type}">
<COVER_SHEET><TITLE>Tea &#8211; <I>again</I></TITLE></COVER_SHEET>
<MAIN_TEXT><BACKGROUND><P>People are tired.</P></BACKGROUND></MAIN_TEXT>
<STUDIES_AND_REFERENCES><STUDIES>
<INCLUDED_STUDIES>
<STUDY DATA_SOURCE="PUB" ID="STD-M_x00fc_ller-2001" NAME="Müller 2001" YEAR="2001">
<REFERENCE PRIMARY="YES" TYPE="JOURNAL_ARTICLE"><AU>Müller M</AU><TI>Tee</TI><YR>2001</YR>
<IDENTIFIERS><IDENTIFIER TYPE="PUBMED" VALUE="99000003"/></IDENTIFIERS></REFERENCE>
</STUDY>
<STUDY ID="STD-Birch-2002" NAME="Birch 2002" YEAR=""/>
</INCLUDED_STUDIES>
<EXCLUDED_STUDIES><STUDY ID="STD-Dull-2004" NAME="Dull 2004" YEAR="2004"/></EXCLUDED_STUDIES>
<AWAITING_STUDIES/><ONGOING_STUDIES/>
</STUDIES></STUDIES_AND_REFERENCES>
<CHARACTERISTICS_OF_STUDIES><CHARACTERISTICS_OF_INCLUDED_STUDIES>
<INCLUDED_CHAR STUDY_ID="STD-M_x00fc_ller-2001"><CHAR_METHODS><P>By <B>lot</B></P></CHAR_METHODS>
<CHAR_NOTES/></INCLUDED_CHAR>
</CHARACTERISTICS_OF_INCLUDED_STUDIES></CHARACTERISTICS_OF_STUDIES>
<QUALITY_ITEMS><QUALITY_ITEM ID="QIT-01" LEVEL="GROUP"><NAME>Blinding</NAME>
<QUALITY_ITEM_DATA_ENTRY_GROUP ID="QIG-01.01"><NAME>Scores</NAME></QUALITY_ITEM_DATA_ENTRY_GROUP>
<QUALITY_ITEM_DATA><QUALITY_ITEM_DATA_ENTRY GROUP_ID="QIG-01.01" RESULT="YES"
 STUDY_ID="STD-M_x00fc_ller-2001"><DESCRIPTION><P>Cups alike.</P></DESCRIPTION>
</QUALITY_ITEM_DATA_ENTRY>
</QUALITY_ITEM_DATA></QUALITY_ITEM></QUALITY_ITEMS>
<ANALYSES_AND_DATA><COMPARISON ID="CMP-001" NO="1"><NAME>Tea v water</NAME>{outcomes}
</COMPARISON></ANALYSES_AND_DATA>
</COCHRANE_REVIEW>
"""
DICH_OUTCOME = """
<DICH_OUTCOME CI_STUDY="99" CI_TOTAL="95" EFFECT_MEASURE="RR" METHOD="MH" RANDOM="YES"
 ID="CMP-001.36" NO="36" TOTALS="YES" SUBGROUPS="YES" SUBGROUP_TEST="YES" SWAP_EVENTS="YES"
 ESTIMABLE="YES" EFFECT_SIZE="2.0" CI_START="0.5" CI_END="8.0" CHI2="1.5" DF="1" TAU2="3.5E-4"
 I2="33.3" Q="0.5" P_Q="0.48" I2_Q="0.0" EVENTS_1="8" TOTAL_1="20" EVENTS_2="4" TOTAL_2="20">
<NAME>Awake <INS>and well</INS><DEL>or not</DEL></NAME>
<GROUP_LABEL_1>Tea</GROUP_LABEL_1><GROUP_LABEL_2>Water</GROUP_LABEL_2>
<GRAPH_LABEL_1>Favours tea</GRAPH_LABEL_1><GRAPH_LABEL_2>Favours water</GRAPH_LABEL_2>
<DICH_SUBGROUP ID="CMP-001.36.01" NO="1" ESTIMABLE="YES" EFFECT_SIZE="2.0" CI_START="0.5"
 CI_END="8.0" CHI2="0" DF="0" TAU2="0" I2="0" EVENTS_1="4" TOTAL_1="10" EVENTS_2="2" TOTAL_2="10">
<NAME>Strong</NAME>
<DICH_DATA STUDY_ID="STD-M_x00fc_ller-2001" EVENTS_1="4" TOTAL_1="10" EVENTS_2="2" TOTAL_2="10"
 ESTIMABLE="YES" EFFECT_SIZE="2.0" CI_START="0.5" CI_END="8.0" WEIGHT="100">
<FOOTNOTE>a</FOOTNOTE></DICH_DATA>
</DICH_SUBGROUP>
<DICH_SUBGROUP ID="CMP-001.36.02" NO="2" ESTIMABLE="NO" EFFECT_SIZE="0.0" CI_START="0" CI_END="0"
 CHI2="0" DF="0" TAU2="NaN" I2="0" EVENTS_1="0" TOTAL_1="10" EVENTS_2="0" TOTAL_2="10">
<NAME>Weak</NAME>
<DICH_DATA STUDY_ID="STD-Birch-2002" EVENTS_1="0" TOTAL_1="10" EVENTS_2="0" TOTAL_2="10"
 ESTIMABLE="NO" EFFECT_SIZE="0.0" CI_START="0.0" CI_END="0.0" LOG_EFFECT_SIZE="-Infinity"/>
</DICH_SUBGROUP>
</DICH_OUTCOME>"""
NEVER_COMPUTED = """
<CONT_OUTCOME EFFECT_MEASURE="SMD" RANDOM="NO" ID="CMP-001.37" NO="37" TOTALS="YES" ESTIMABLE="YES"
 EFFECT_SIZE="" CI_START="" CI_END="" CHI2="" DF="0" TAU2="" I2="" UNITS="">
<NAME>Tiredness</NAME>
<CONT_DATA STUDY_ID="STD-Birch-2002" MEAN_1="5.0" SD_1="2.0" TOTAL_1="10" MEAN_2="6.5" SD_2="2.5"
 TOTAL_2="12" ESTIMABLE="YES" EFFECT_SIZE="" CI_START="" CI_END="" WEIGHT=""/>
</CONT_OUTCOME>"""
IV_OUTCOME = """
<IV_OUTCOME EFFECT_MEASURE="Rate Ratio" LOG_DATA="YES" METHOD="IV" RANDOM="NO" ID="CMP-001.38"
 NO="38" TOTALS="SUB" ESTIMABLE="YES" EFFECT_SIZE="0.5" CI_START="0.25" CI_END="1.0" CHI2="0"
 DF="0" TAU2="0" I2="0"><NAME>Naps</NAME>
<IV_DATA STUDY_ID="STD-Birch-2002" ESTIMATE="-0.6931471805599453" SE="0.35"
 TOTAL_1="10" TOTAL_2="10" EFFECT_SIZE="0.5" CI_START="0.25" CI_END="1.0" WEIGHT="100"/>
<IV_DATA STUDY_ID="STD-M_x00fc_ller-2001" SE="0.35" EFFECT_SIZE="0.5" CI_START="0.25"/>
</IV_OUTCOME>"""
IPD_OUTCOME = """
<IPD_OUTCOME EFFECT_MEASURE="HR" METHOD="EXP_O_E_VAR" RANDOM="NO" ID="CMP-001.39" NO="39"
 TOTALS="YES" ESTIMABLE="YES" EFFECT_SIZE="0.7" CI_START="0.3" CI_END="1.6" CHI2="0" DF="0"
 TAU2="0" I2="0">
<NAME>Time awake</NAME>
<IPD_DATA STUDY_ID="STD-Birch-2002" O_E="-2.0" VAR="5.6" EVENTS_1="5" TOTAL_1="20" EVENTS_2="9"
 TOTAL_2="20" EFFECT_SIZE="0.7" CI_START="0.3" CI_END="1.6" WEIGHT="100"/>
</IPD_OUTCOME>"""
OTHER_OUTCOME = """
<OTHER_OUTCOME ID="CMP-001.40" NO="40"><NAME>In words</NAME>
<OTHER_DATA STUDY_ID="STD-Birch-2002"><TABLE/></OTHER_DATA></OTHER_OUTCOME>"""
EVERY_OUTCOME = DICH_OUTCOME + NEVER_COMPUTED + IV_OUTCOME + IPD_OUTCOME + OTHER_OUTCOME


def rm5(
    outcomes: str = EVERY_OUTCOME, *, encoding: str = "ISO-8859-1", kind: str = "INTERVENTION"
) -> dict[str, bytes]:
    """A RevMan 5 file in the encoding that it declares."""
    text = RM5.format(encoding=encoding, outcomes=outcomes, type=kind)
    return {"tea.rm5": text.encode(encoding)}
