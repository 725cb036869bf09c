"""Everything that can be wrong with a setup, and what the message must contain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from akeneo_assets.sandbox.server import Sandbox
from akeneo_assets_tests.shell import unused_port


@dataclass(frozen=True)
class WrongSetup:
    """One mistake.

    Attributes:
        name: Of the test.
        message_parts: What every message about it contains: the setting, and the fix.
        variables: The wrong settings; ``{akeneo}``, ``{ipaas}``, ``{unused_port}`` and ``{folder}`` are replaced.
        mapping: The mapping file.
        forbidden: Shell pattern of the routes of Akeneo for which the permission is missing.
        switches: Switches of the sandbox's Akeneo.
    """

    name: str
    message_parts: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    mapping: str | None = None
    forbidden: str | None = None
    switches: Mapping[str, bool] = field(default_factory=dict)

    def arrange(self, sandbox: Sandbox, folder: Path) -> dict[str, str]:
        """Set up the mistake, and return its variables."""
        if self.forbidden is not None:
            sandbox.akeneo_faults.forbid(self.forbidden)
        for switch, on in self.switches.items():
            setattr(sandbox.akeneo.switches, switch, on)
        variables = dict(self.variables)
        if self.mapping is not None:
            path = folder / "mapping.yaml"
            path.write_text(self.mapping, encoding="utf-8")
            variables["AKENEO_ASSETS_MAPPING"] = str(path)
        places = {
            "akeneo": sandbox.akeneo_url,
            "ipaas": sandbox.ipaas_url,
            "unused_port": unused_port(),
            "folder": folder,
        }
        return {name: value.format(**places) for name, value in variables.items()}

    def __str__(self) -> str:
        return self.name


def _setting(name: str, variable: str, value: str, *message_parts: str) -> WrongSetup:
    return WrongSetup(name, (variable, *message_parts), {variable: value})


_AKENEO_URL: Final = "AKENEO_API_URL"
_IPAAS_URL: Final = "IPAAS_API_URL"

VALUES: Final = (
    _setting("an id format that does not exist", "AKENEO_PRODUCT_ID_FORMAT", "SKU", "'UUID' or 'Identifier'"),
    _setting("an address without a scheme", _AKENEO_URL, "example.cloud.akeneo.com", "must look like https://"),
    _setting("an address with a port that does not exist", _AKENEO_URL, "https://pim.example.com:99999", "Port out of"),
    _setting("an address with a blank", _IPAAS_URL, "https://ipaas .example.com", "must not contain spaces"),
    _setting("an address with half an IPv6 address", _AKENEO_URL, "http://[::1", "Invalid IPv6"),
    _setting(
        "an address with a password", _IPAAS_URL, "https://me:hidden@ipaas.example.com", "not contain a user name"
    ),
    _setting("Akeneo's address with the API's path", _AKENEO_URL, "{akeneo}/api/rest/v1", "without /api: "),
    _setting("a time zone that does not exist", "AKENEO_ASSETS_TIME_ZONE", "Berlin", "unknown time zone 'Berlin'"),
    _setting("a switch that is neither on nor off", "AKENEO_ASSETS_AUTOMATION", "maybe", "valid boolean"),
    _setting("a limit of zero", "AKENEO_API_THROTTLE_LIMIT", "0", "greater than or equal to 1"),
    _setting("a database that is a folder", "AKENEO_ASSETS_DATABASE_URL", "sqlite:///{folder}", "cannot be opened"),
    _setting("a missing mapping file", "AKENEO_ASSETS_MAPPING", "{folder}/none.yaml", "cannot be read"),
)
"""Found without a request."""

INSTANCES: Final = (_setting("a relative folder of Dagster", "DAGSTER_HOME", "state", "not an absolute path"),)
"""Found by the command line; a job already runs in an instance."""

CREDENTIALS: Final = (
    _setting("Akeneo's client id", "AKENEO_CLIENT_ID", "2_other", "Connect > Connection settings"),
    _setting("Akeneo's client secret", "AKENEO_CLIENT_SECRET", "wrong-client-secret", "Connect > Connection settings"),
    _setting("Akeneo's user", "AKENEO_USERNAME", "nobody", "Connect > Connection settings"),
    _setting("Akeneo's password", "AKENEO_PASSWORD", "wrong-password", "Connect > Connection settings"),
    _setting("iPaaS.com's user", "IPAAS_USERNAME", "nobody@example.com", "Check IPAAS_USERNAME and IPAAS_PASSWORD"),
    _setting("iPaaS.com's password", "IPAAS_PASSWORD", "wrong-password", "Check IPAAS_USERNAME and IPAAS_PASSWORD"),
    _setting("iPaaS.com's company", "IPAAS_COMPANY_ID", "another-company", "Check IPAAS_COMPANY_ID"),
    _setting("iPaaS.com's API key", "IPAAS_API_KEY", "expired-key", "Create a new one"),
    _setting("iPaaS.com's address for Akeneo's", _AKENEO_URL, "{ipaas}", "URL of the PIM"),
    _setting("iPaaS.com's address with a path", _IPAAS_URL, "{ipaas}/products/v2", "Set it to the base URL"),
    WrongSetup(
        "a web server that removes the Authorization header",
        (_AKENEO_URL, "header does not reach Akeneo", "CGIPassAuth On"),
        switches={"loses_authorization": True},
    ),
    WrongSetup(
        "iPaaS.com's address with a path, and an API key",
        ("IPAAS_API_URL", "Set it to the base URL"),
        {"IPAAS_API_URL": "{ipaas}/products/v2", "IPAAS_API_KEY": "sandbox-api-key"},
    ),
    _setting("Akeneo's address for iPaaS.com's", _IPAAS_URL, "{akeneo}", "Set it to the base URL"),
)
"""Found by the first request."""

UNREACHABLE: Final = (
    _setting("Akeneo is unreachable", _AKENEO_URL, "http://127.0.0.1:{unused_port}", "Check AKENEO_API_URL"),
    _setting("iPaaS.com is unreachable", _IPAAS_URL, "http://127.0.0.1:{unused_port}", "Check IPAAS_API_URL"),
    _setting("Akeneo's name is unknown", _AKENEO_URL, "http://pim.invalid", "cannot be resolved"),
)
"""Found after some attempts."""

PERMISSIONS: Final = tuple(
    WrongSetup(f"no permission for {route}", (f'Enable "{permission}"', "Web API permissions"), forbidden=route)
    for route, permission in {
        "*": "Overall Web API access",
        "products-uuid.list": "List products",
        "product-models.list": "List products",
        "categories.list": "List categories",
        "attributes.list": "List attributes",
        "attribute-options.list": "List attribute options",
        "families.list": "List families",
        "family-variants.list": "List family variants",
        "association-types.list": "List association types",
        "channels.list": "List channels",
        "measurement-families.list": "List measurement families",
        "records.list": "List reference entity records",
    }.items()
)
"""Found when the list is read."""

MAPPINGS: Final = tuple(
    WrongSetup(f"a mapping with {name}", ("AKENEO_ASSETS_MAPPING", *message_parts), mapping=mapping)
    for name, mapping, message_parts in (
        (
            "a stale price attribute",
            "settings: {price_attribute: cost}",
            ("settings.price_attribute: There is no attribute cost.", "remove it from the mapping file"),
        ),
        (
            "a stale custom field",
            "product: {custom_fields: {attributes: [brand, colour]}}",
            ("product.custom_fields.attributes[1]: There is no attribute colour.", "Did you mean color?"),
        ),
        ("a stale channel", "settings: {channel: webshop}", ("There is no channel webshop.", "Choose one of")),
    )
)
"""Found when the structure was read."""
