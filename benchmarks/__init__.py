"""What a load costs in requests, memory and processor time, compared with its budgets; run with ``make bench``."""
