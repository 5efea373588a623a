"""Run every case of an oracle file: `python -m tests.oracle FILE [--op NAME]`.

Prints each mismatch and each case that cannot be run, then the counts; exits 1 if there is one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from tests.oracle import core_ops, sparse_ops
from tests.oracle.compare import Tolerance, mismatches
from tests.oracle.registry import OPERATIONS, case_of

# Importing the two modules is what fills OPERATIONS.
FAMILIES = (core_ops, sparse_ops)


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    oracle = json.loads(Path(options.file).read_text(encoding="utf-8"))
    cases = [case for case in oracle["cases"] if options.op in (None, case["spec"]["op"])]
    faults = {case["id"]: run_case(case, oracle["datasets"]) for case in cases}
    wrong = {name: found for name, found in faults.items() if found}
    for name, found in wrong.items():
        for line in found:
            sys.stdout.write(f"{name}: {line}\n")
    sys.stdout.write(f"{len(cases)} cases, {len(cases) - len(wrong)} pass, {len(wrong)} fail\n")
    return 1 if wrong or not cases else 0


def run_case(case: Mapping[str, Any], datasets: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with our answer to one case; nothing when it passes."""
    spec, expected = case["spec"], case["expect"]
    name = case.get("dataset")
    run = OPERATIONS.get(spec["op"])
    if run is None:
        return [f"cannot run: no operation {spec['op']!r}"]
    try:
        answer = run(case_of(spec, None if name is None else datasets[name]["columns"]))
    except AnalysisError as error:
        answer = {"error": "not_estimable", "because": str(error)}
    except (KeyError, ValueError, TypeError, IndexError, NotImplementedError) as error:
        return [f"cannot run: {type(error).__name__}: {error}"]
    if "error" in answer and "error" not in expected:
        return [f"refused: {answer.get('because', answer['error'])}"]
    return mismatches(expected, answer, Tolerance.of(case))


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle")
    parser.add_argument(
        "file", help="an oracle file, for example ../shared/oracle/oracle_public.json"
    )
    parser.add_argument("--op", help="only the cases of this operation")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
