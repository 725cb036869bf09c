"""What both clients share: the throttle, retries, tokens, and keeping secrets out of texts."""
