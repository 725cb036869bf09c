"""Log lines as JSON, for log collectors; ``deploy/dagster.yaml`` turns them on."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timezone
from typing import Any, Final

_STAGES: Final = {"akeneo": "read", "catalog": "plan", "ipaas": "deliver"}
_SUBSCRIPTION: Final = "akeneo_assets/subscription"
_PARTITION: Final = "dagster/partition"


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON. Fields without a value are left out.

    ``run``, ``job``, ``step``, ``subscription`` and ``partition`` come from Dagster; ``stage`` is ``read``, ``plan`` or
    ``deliver``; ``record`` is the kind and key of a record that the line is about.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        dagster: dict[str, Any] = getattr(record, "dagster_meta", None) or {}
        tags = dagster.get("job_tags") or {}
        step = dagster.get("step_key")
        fields = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": dagster.get("orig_message") or record.getMessage(),
            "run": dagster.get("run_id"),
            "job": dagster.get("job_name"),
            "step": step,
            "stage": next((_STAGES[part] for part in (step or "").split("__") if part in _STAGES), None),
            "subscription": tags.get(_SUBSCRIPTION),
            "partition": tags.get(_PARTITION),
            "record": getattr(record, "record", None),
            "error": self.formatException(record.exc_info) if record.exc_info else None,
        }
        return json.dumps({name: value for name, value in fields.items() if value is not None}, ensure_ascii=False)
