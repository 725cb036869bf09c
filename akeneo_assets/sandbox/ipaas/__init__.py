"""A local iPaaS.com, as strict as its API reads at its strictest.

Where the API is not documented it plays the harder reading: a PUT replaces the whole record, children without their
ids are made anew, ids are numbers or strings, errors come in several shapes.
"""

from akeneo_assets.sandbox.ipaas.app import create_app
from akeneo_assets.sandbox.ipaas.state import IpaasState

__all__ = ["IpaasState", "create_app"]
