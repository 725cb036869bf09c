"""``python -m benchmarks``, see its ``--help``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Final

from benchmarks import command_line, freshness, large_family, mapping, memory, polls, throttle, whole_loads
from benchmarks.reporting import Section, as_json

MILLION: Final = 1_000_000

_BENCHMARKS: Final[dict[str, tuple[str, Callable[[argparse.Namespace], list[Section]]]]] = {
    "engine": (
        "a first and an unchanged load: requests, processor time, memory",
        lambda chosen: whole_loads.measure(chosen.products),
    ),
    "links": (
        "a first load in which every fifth product has links to products anywhere: writes",
        lambda chosen: whole_loads.measure_linked(chosen.products),
    ),
    "family": (
        "one giant family: connections in use while it is read",
        lambda chosen: large_family.measure(chosen.products, (chosen.latency or large_family.LATENCY) / 1000),
    ),
    "command": (
        "akeneo-assets sync full, with Dagster's processes: time, processor time, memory",
        lambda chosen: command_line.measure(chosen.products, (chosen.latency or command_line.LATENCY) / 1000),
    ),
    "families": (
        f"{command_line.FAMILY_PRODUCTS:,} products in many small families, compared with few large ones",
        lambda chosen: command_line.measure_families(min(chosen.products, command_line.FAMILY_PRODUCTS)),
    ),
    "throttle": ("how much of the throttle is used", lambda chosen: throttle.measure(chosen.window)),
    "mapping": ("processor time of the rules of a mapping file", lambda _: mapping.measure()),
    "polls": (
        "a poll in a small and in a large state",
        lambda chosen: polls.measure(chosen.products, chosen.copies, postgres=chosen.postgres),
    ),
    "memory": ("a large and a small catalogue", lambda chosen: memory.measure(chosen.products)),
    "freshness": ("from an edit to iPaaS.com, through dagster dev", lambda chosen: freshness.measure(chosen.edits)),
}
_DEFAULT: Final = ("engine", "links", "family", "command", "families", "throttle", "mapping")


def main() -> int:
    """Run the benchmarks.

    Returns:
        0 if all goals are met, else 1.
    """
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures on generated catalogues, and compares the figures with their goals. Times need an "
        "otherwise idle machine; requests, memory and processor time hardly depend on it.",
        epilog="benchmarks:\n" + "\n".join(f"  {name:<10} {what}" for name, (what, _) in _BENCHMARKS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = f"which to run, see below; default: {' '.join(_DEFAULT)}"
    parser.add_argument("names", nargs="*", metavar="NAME", help=names)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--products", type=int, default=10_000, help="size of the catalogue (default: %(default)s)")
    size.add_argument("--million", action="store_const", const=MILLION, dest="products", help="a million; takes hours")
    latencies = f"family {large_family.LATENCY}, command {command_line.LATENCY}"
    parser.add_argument("--latency", type=int, help=f"milliseconds until a response (default: {latencies})")
    parser.add_argument("--window", type=float, default=10, help="throttle: seconds of a window (default: %(default)g)")
    parser.add_argument("--copies", type=int, default=99, help="polls: copies of each record (default: %(default)s)")
    parser.add_argument("--postgres", action="store_true", help="polls: use PostgreSQL instead of SQLite")
    parser.add_argument("--edits", type=int, default=10, help="freshness: number of edits (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - _BENCHMARKS.keys():
        parser.error(f"There is no benchmark {', '.join(sorted(unknown))}. Choose from {', '.join(_BENCHMARKS)}.")
    sections: list[Section] = []
    for name in chosen.names or _DEFAULT:
        _, measure = _BENCHMARKS[name]
        for section in measure(chosen):
            sections.append(section)
            if not chosen.json:
                print(section, flush=True)
    if chosen.json:
        print(as_json(sections))
    return 0 if all(section.met for section in sections) else 1


if __name__ == "__main__":
    sys.exit(main())
