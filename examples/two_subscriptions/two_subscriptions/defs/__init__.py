"""One folder for each subscription."""
