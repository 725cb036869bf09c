"""The credentials that the sandbox accepts, by the environment variables of the product's settings.

They are the defaults of the settings, so that a fresh clone connects to its sandbox without configuration.
"""

from __future__ import annotations

AKENEO_CREDENTIALS = {
    "AKENEO_CLIENT_ID": "1_sandbox",
    "AKENEO_CLIENT_SECRET": "sandbox-secret",
    "AKENEO_USERNAME": "sandbox",
    "AKENEO_PASSWORD": "sandbox-password",
}

IPAAS_CREDENTIALS = {
    "IPAAS_USERNAME": "sandbox@example.com",
    "IPAAS_PASSWORD": "sandbox-password",
    "IPAAS_SUBSCRIPTION_ID": "1001",
}
