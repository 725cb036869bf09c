"""Facts about Akeneo's version and clock."""

from __future__ import annotations

from typing import Final

from akeneo_assets.akeneo.server_clock import TOLERANCE_SECONDS
from akeneo_assets.probe.akeneo.reading import Reading
from akeneo_assets.probe.facts import Fact, Found, as_assumed, handled


def _version(context: Reading) -> Found:
    system = context.akeneo.system_information()
    version, edition = str(system["version"]), str(system["edition"])
    if not version:
        return handled("It reports no version, so it is older than 6.0.", version="", edition="")
    return as_assumed(f"Version {version}, edition {edition or 'unknown'}.", version=version, edition=edition)


def _clock(context: Reading) -> Found:
    context.akeneo.now()
    skew = context.akeneo.clock.skew_seconds
    if skew is None:
        return handled("Its responses contain no usable Date header, so this machine's clock is used.")
    text = f"It is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} this machine's clock."
    return as_assumed(text) if abs(skew) <= TOLERANCE_SECONDS else handled(text)


FACTS: Final = (
    Fact(
        "akeneo.version",
        "Akeneo reports its version and edition",
        "confirmed",
        "the choice of filters that older versions do not have",
        "It is treated as older than 6.0.",
        _version,
    ),
    Fact(
        "akeneo.clock",
        "Akeneo's clock agrees with that of this machine within a minute",
        "assumed",
        "how much of the recent past a read of changes repeats",
        "Reads use Akeneo's own time. No edit is lost.",
        _clock,
    ),
)
