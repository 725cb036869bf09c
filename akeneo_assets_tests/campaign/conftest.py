from __future__ import annotations

import os

# The campaign with a real dagster dev takes minutes.
collect_ignore = [] if "CAMPAIGN_SCHEDULES" in os.environ else ["test_daemon.py"]
