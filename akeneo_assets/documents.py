"""JSON documents: type, canonical form, fingerprint, and compression for the database."""

from __future__ import annotations

import hashlib
import zlib
from typing import Any, Final, TypeAlias

import orjson

JsonObject: TypeAlias = dict[str, Any]

_WINDOW_BITS: Final = 13
_MEMORY_LEVEL: Final = 6


def canonical_bytes(document: object) -> bytes:
    """Return the canonical JSON of ``document``: sorted keys, no white space, UTF-8.

    Lists keep their order; sort lists without a meaningful order first.
    """
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def fingerprint(*documents: object) -> str:
    """Return 32 hexadecimal digits that change whenever the content of ``documents`` changes."""
    digest = hashlib.blake2b(digest_size=16)
    for document in documents:
        digest.update(canonical_bytes(document))
        digest.update(b"\0")
    return digest.hexdigest()


def pack(document: object) -> bytes:
    """Compress ``document`` for a database column."""
    # Level 1 already shrinks catalogue records to about a fifth; higher levels take longer and gain little. The default
    # window is so large that clearing its memory takes several times as long as compressing a record.
    compressor = zlib.compressobj(level=1, wbits=_WINDOW_BITS, memLevel=_MEMORY_LEVEL)
    return compressor.compress(canonical_bytes(document)) + compressor.flush()


def unpack(packed: bytes) -> Any:
    """Return the document that :func:`pack` compressed."""
    return orjson.loads(zlib.decompress(packed))
