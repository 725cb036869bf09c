"""What a load costs: requests, memory and processor time, against the budgets of the design; ``make bench``."""
