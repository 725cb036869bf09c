"""Software-defined assets that sync an Akeneo catalogue to iPaaS.com."""
