"""Pure functions from mirror records to payloads of iPaaS.com, and the mapping file that governs them."""

from akeneo_assets.mapping.collections import Mapping
from akeneo_assets.mapping.explaining import Explained
from akeneo_assets.mapping.lineage import sources_of
from akeneo_assets.mapping.load import load_mapping
from akeneo_assets.mapping.mapper import Mapper
from akeneo_assets.mapping.problems import Problem, check
from akeneo_assets.mapping.records import (
    Component,
    MappedRecord,
    MappingWarning,
    RecordProblem,
    Reference,
    RelatedLink,
)
from akeneo_assets.mapping.required import Required, required_structure
from akeneo_assets.mapping.structure import Structure
from akeneo_assets.mapping.trying import try_out

__all__ = [
    "Component",
    "Explained",
    "MappedRecord",
    "Mapper",
    "Mapping",
    "MappingWarning",
    "Problem",
    "RecordProblem",
    "Reference",
    "RelatedLink",
    "Required",
    "Structure",
    "check",
    "load_mapping",
    "required_structure",
    "sources_of",
    "try_out",
]
