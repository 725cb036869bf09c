"""Software-defined assets that carry an Akeneo catalogue to iPaaS.com."""
