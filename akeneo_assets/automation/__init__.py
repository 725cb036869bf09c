"""The jobs, and the sensors and schedules that start them."""
