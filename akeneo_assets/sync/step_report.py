"""What a step reports: the metadata that Dagster stores of its asset, and what each key means."""

from __future__ import annotations

from typing import Annotated, NamedTuple, TypedDict


class MetadataKey(NamedTuple):
    """What a key of the metadata means, for the reference pages.

    Attributes:
        assets: The assets that have it.
        meaning: What its value says.
    """

    assets: str
    meaning: str


ProblemRow = TypedDict("ProblemRow", {"record": str, "code": str, "what to do": str})
"""A record that needs attention."""


class LeftOutRow(TypedDict):
    """A part that was left out of records, and of how many."""

    what: str
    records: str


class StepReport(TypedDict, total=False):
    """What a step did and what it cost, as plain values.

    The keys are those of the metadata that Dagster stores and plots, and that the command line adds up.
    """

    requests_akeneo: Annotated[int, MetadataKey("akeneo/*", "Requests to Akeneo.")]
    requests_ipaas: Annotated[int, MetadataKey("ipaas/*", "Requests to iPaaS.com.")]
    requests_forecast: Annotated[
        int,
        MetadataKey("catalog/*, ipaas/*", "About how many requests to iPaaS.com the plan needed before the delivery."),
    ]
    requests_repeated: Annotated[int, MetadataKey("akeneo/*, ipaas/*", "Requests that were retries of earlier ones.")]
    throttled_seconds: Annotated[
        float, MetadataKey("akeneo/*, ipaas/*", "Seconds of waiting for the throttle, summed over all threads.")
    ]
    seconds: Annotated[float, MetadataKey("all", "How long the step took, in seconds.")]
    read: Annotated[int, MetadataKey("akeneo/*", "Records that Akeneo sent.")]
    created: Annotated[
        int,
        MetadataKey(
            "all",
            "New records: in the mirror, in the plan, or in the ledger.",
        ),
    ]
    updated: Annotated[
        int,
        MetadataKey(
            "all",
            "Changed records: since the last read, to be sent, or sent.",
        ),
    ]
    unchanged: Annotated[
        int,
        MetadataKey(
            "akeneo/*, catalog/*",
            "Records as they were read before, or as iPaaS.com already has them.",
        ),
    ]
    blocked: Annotated[
        int,
        MetadataKey(
            "all",
            "Records that are not read or sent until their data or the mapping is fixed.",
        ),
    ]
    failed: Annotated[int, MetadataKey("ipaas/*", "Records that iPaaS.com refused; they are retried.")]
    filtered: Annotated[int, MetadataKey("catalog/*", "Records that the filter of the mapping leaves out.")]
    zero_price: Annotated[int, MetadataKey("catalog/*", "Planned records whose price is 0.")]
    adopted: Annotated[
        int,
        MetadataKey(
            "ipaas/*", "Records that iPaaS.com already had, and that were found there; also counted as updated."
        ),
    ]
    reactivated: Annotated[
        int, MetadataKey("ipaas/*", "Deactivated records that are active again; also counted as updated.")
    ]
    repaired: Annotated[int, MetadataKey("ipaas/*", "Records that got links whose targets are now in iPaaS.com.")]
    window: Annotated[str, MetadataKey("akeneo/*", "Start and end of the window of changes that was read.")]
    forecast: Annotated[str, MetadataKey("akeneo/structure", "What a first load needs.")]
    reasons: Annotated[
        dict[str, int], MetadataKey("catalog/*", "Planned records by reason, such as `new` or `mapping changed`.")
    ]
    problems: Annotated[list[ProblemRow], MetadataKey("all", "Records that need attention, and what to do.")]
    left_out: Annotated[
        list[LeftOutRow], MetadataKey("catalog/*, ipaas/*", "Parts that were left out of records, and of how many.")
    ]
    plan: Annotated[list[dict[str, str]], MetadataKey("catalog/*", "Examples of what is sent, and why.")]
