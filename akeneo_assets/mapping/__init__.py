"""Maps Akeneo records to iPaaS.com payloads with pure functions, as the mapping file configures them."""
