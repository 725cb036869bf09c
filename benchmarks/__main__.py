"""``python -m benchmarks``: measure, print the figures, and show which budgets are met."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from benchmarks import freshness, mapping, memory, one_family, polls, requests_and_cost, throttle
from benchmarks.reporting import Section, as_json


def main() -> int:
    """Run the benchmarks.

    Returns:
        0 if all budgets are met, else 1.
    """
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="requests, links, family, throttle, mapping, polls, freshness (minutes each); default: the first five",
    )
    parser.add_argument("--edits", type=int, default=10, help="number of edits for freshness")
    parser.add_argument("--products", type=int, default=5000, help="size of the generated catalogue")
    parser.add_argument("--family", type=int, default=8000, help="number of products of the one large family")
    parser.add_argument("--latency", type=int, default=100, help="milliseconds until a response in family")
    parser.add_argument("--memory", action="store_true", help="also compare the memory of large catalogues (minutes)")
    parser.add_argument("--copies", type=int, default=99, help="for polls: copies of each record in the large state")
    parser.add_argument("--postgres", action="store_true", help="for polls: use PostgreSQL instead of SQLite")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    arguments = parser.parse_args()
    known: dict[str, Callable[[], list[Section]]] = {
        "requests": lambda: requests_and_cost.measure(arguments.products),
        "links": lambda: requests_and_cost.measure_linked(arguments.products),
        "family": lambda: one_family.measure(arguments.family, arguments.latency / 1000),
        "throttle": throttle.measure,
        "mapping": mapping.measure,
        "polls": lambda: polls.measure(arguments.products, arguments.copies, postgres=arguments.postgres),
        "freshness": lambda: freshness.measure(arguments.edits),
    }
    if unknown := set(arguments.names) - known.keys():
        parser.error(f"There is no benchmark {', '.join(sorted(unknown))}. Choose from {', '.join(known)}.")
    benchmarks = [known[name] for name in arguments.names or ("requests", "links", "family", "throttle", "mapping")]
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
