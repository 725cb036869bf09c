"""``python -m benchmarks``: measure, print, and say which budgets are kept."""

from __future__ import annotations

import argparse
import sys

from benchmarks import memory, requests_and_cost, throttle
from benchmarks.reporting import Section, as_json


def main() -> int:
    """Run the benchmarks.

    Returns:
        0 when all budgets are kept, else 1.
    """
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--products", type=int, default=5000, help="size of the generated catalogue")
    parser.add_argument("--memory", action="store_true", help="also compare the memory of large catalogues (minutes)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    arguments = parser.parse_args()
    benchmarks = [lambda: requests_and_cost.measure(arguments.products), throttle.measure]
    if arguments.memory:
        benchmarks.append(memory.measure)
    sections: list[Section] = []
    for benchmark in benchmarks:
        for section in benchmark():
            sections.append(section)
            if not arguments.json:
                print(section, flush=True)
    if arguments.json:
        print(as_json(sections))
    return 0 if all(check.met for section in sections for check in section.checks) else 1


if __name__ == "__main__":
    sys.exit(main())
