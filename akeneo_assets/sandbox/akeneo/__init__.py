"""A local Akeneo PIM: the part of its REST API that this project uses, as strict as the real one."""

from akeneo_assets.sandbox.akeneo.application import create_app
from akeneo_assets.sandbox.akeneo.state import AkeneoState

__all__ = ["AkeneoState", "create_app"]
