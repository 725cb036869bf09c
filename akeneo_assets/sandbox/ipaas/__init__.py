"""A local iPaaS.com that follows the strictest interpretation of the API.

Where the API is not documented, it behaves in the way that is hardest for a client: a PUT replaces the whole record,
children without ids are created again, ids are numbers or strings, and errors have several formats.
"""

from akeneo_assets.sandbox.ipaas.app import create_app
from akeneo_assets.sandbox.ipaas.state import IpaasState

__all__ = ["IpaasState", "create_app"]
