"""The relations between mirrored products: simple products, trees of product models, and orphans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, and_, func, or_, select, union

from akeneo_assets.store.database import Database
from akeneo_assets.store.pages import CHUNK, chunks, in_chunks, pages
from akeneo_assets.store.records import NO_FAMILY, Head, Scope, Tree
from akeneo_assets.store.schema import mirror

_HEAD = select(mirror.c.key, mirror.c.parent, mirror.c.family, mirror.c.hash)
_MODELS = _HEAD.where(mirror.c.kind == "product_model", mirror.c.gone.is_(None))
_PRODUCTS = _HEAD.where(mirror.c.kind == "product", mirror.c.gone.is_(None))
_ROOTS = _MODELS.where(mirror.c.parent.is_(None))
_MEMBER, _MODEL = mirror.alias("member"), mirror.alias("model")
_ROOT_OF_VARIANT = (
    select(_MEMBER.c.key, func.coalesce(_MODEL.c.parent, _MODEL.c.key).label("root"))
    .join(_MODEL, and_(_MODEL.c.kind == "product_model", _MODEL.c.key == _MEMBER.c.parent))
    .where(_MEMBER.c.kind == "product")
)
# Finding the roots takes the same time for every page, so these pages are long; they contain only codes.
_ROOTS_PAGE = 10_000


class ProductTrees:
    """The products and product models of the mirror."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def spread_keys(self, kind: str, family: str | None, number: int) -> list[str]:
        """Return this many keys in equal distances; fewer if there are fewer records.

        Args:
            kind: ``product_model`` or ``product``.
            family: Code of their family, or ``NO_FAMILY``; None for all records of the kind.
            number: How many keys.
        """
        keys = select(mirror.c.key).where(mirror.c.kind == kind).order_by(mirror.c.key)
        if family is not None:
            keys = keys.where(*conditions(Scope(family=family), mirror))
        with self._database.read() as connection:
            count = connection.execute(select(func.count()).select_from(keys.subquery())).scalar_one()
            places = sorted({count * each // (number + 1) for each in range(1, number + 1)})
            found = [connection.execute(keys.offset(place).limit(1)).scalar() for place in places]
        return [key for key in found if key is not None]

    def simple_products(self, scope: Scope) -> Iterator[list[Head]]:
        """Yield pages of the products in ``scope`` that are not variants."""
        for condition in conditions(scope, mirror):
            statement = _PRODUCTS.where(mirror.c.parent.is_(None), condition)
            # Small pages, because the caller reads the large records of each page next.
            for page in pages(self._database, statement, [mirror.c.key], size=CHUNK):
                yield [_head(row) for row in page]

    def tree_roots(self, scope: Scope) -> Iterator[list[str]]:
        """Yield pages of codes of root models, without duplicates.

        Args:
            scope: A family, for its root models; a partition key, for the roots of all models and variants that changed
                in it; or keys of models or variants, for their roots.
        """
        if scope.family is not None:
            (condition,) = conditions(scope, mirror)
            statement = _MODELS.where(mirror.c.parent.is_(None), condition)
            for page in pages(self._database, statement, [mirror.c.key]):
                yield [row.key for row in page]
            return
        seen: set[str] = set()  # only for keys: chunks of keys may have roots in common
        member, model, root = mirror.alias("member"), mirror.alias("model"), mirror.alias("root")
        for condition in conditions(scope, member):
            of_models = select(func.coalesce(member.c.parent, member.c.key).label("code")).where(
                member.c.kind == "product_model", condition
            )
            of_variants = (
                select(func.coalesce(model.c.parent, model.c.key).label("code"))
                .select_from(member)
                .join(model, and_(model.c.kind == "product_model", model.c.key == member.c.parent))
                .where(member.c.kind == "product", condition)
            )
            codes = union(of_models, of_variants).subquery("codes")
            statement = (
                select(root.c.key)
                .select_from(codes)
                .join(root, and_(root.c.kind == "product_model", root.c.key == codes.c.code))
                .where(root.c.parent.is_(None), root.c.gone.is_(None))
            )
            for page in pages(self._database, statement, [root.c.key], size=_ROOTS_PAGE):
                fresh = [row.key for row in page if row.key not in seen]
                if scope.keys is not None:
                    seen.update(fresh)
                yield from chunks(fresh)

    def trees(self, root_codes: Iterable[str]) -> list[Tree]:
        """Return the trees of root models, in the given order; other codes are ignored."""
        wanted = list(dict.fromkeys(root_codes))
        of_roots = in_chunks(self._database, _ROOTS, mirror.c.key, wanted)
        roots = {row.key: _head(row) for row in of_roots}
        models = _by_parent(in_chunks(self._database, _MODELS, mirror.c.parent, roots))
        codes = [*roots, *(model.key for heads in models.values() for model in heads)]
        variants = _by_parent(in_chunks(self._database, _PRODUCTS, mirror.c.parent, codes))
        return [_tree(roots[code], models, variants) for code in wanted if code in roots]

    def roots_of(self, variants: Iterable[str]) -> dict[str, str]:
        """Return the codes of the root models of variants, if their models are mirrored."""
        rows = in_chunks(self._database, _ROOT_OF_VARIANT, _MEMBER.c.key, variants)
        return {row.key: row.root for row in rows}

    def orphans(self, scope: Scope) -> Iterator[list[tuple[Head, str]]]:
        """Yield pages of variants and sub models whose parent or root model is not mirrored, with their kind."""
        member, model, root = mirror.alias("member"), mirror.alias("model"), mirror.alias("root")
        joined = member.outerjoin(
            model,
            and_(model.c.kind == "product_model", model.c.key == member.c.parent, model.c.gone.is_(None)),
        ).outerjoin(root, and_(root.c.kind == "product_model", root.c.key == model.c.parent, root.c.gone.is_(None)))
        lost = or_(model.c.key.is_(None), and_(model.c.parent.is_not(None), root.c.key.is_(None)))
        for kind in ("product_model", "product"):
            for condition in conditions(scope, member):
                statement = (
                    select(member.c.key, member.c.parent, member.c.family, member.c.hash)
                    .select_from(joined)
                    .where(
                        member.c.kind == kind,
                        member.c.parent.is_not(None),
                        member.c.gone.is_(None),
                        lost,
                        condition,
                    )
                )
                for page in pages(self._database, statement, [member.c.key]):
                    yield [(_head(row), kind) for row in page]


def conditions(scope: Scope, table: FromClause) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that together select ``scope``: one, or one for each chunk of its keys."""
    if scope.keys is not None:
        for chunk in chunks(sorted(set(scope.keys)), CHUNK):
            yield table.c.key.in_(chunk)
    elif scope.partition_key is not None:
        yield table.c.partition_key == scope.partition_key
    elif scope.family == NO_FAMILY:
        yield table.c.family.is_(None)
    else:
        yield table.c.family == scope.family


def _head(row: Row[Any]) -> Head:
    return Head(row.key, row.parent, row.family, row.hash)


def _by_parent(rows: Iterable[Row[Any]]) -> dict[str, list[Head]]:
    heads: dict[str, list[Head]] = defaultdict(list)
    for row in rows:
        heads[row.parent].append(_head(row))
    return heads


def _tree(root: Head, models: dict[str, list[Head]], variants: dict[str, list[Head]]) -> Tree:
    own_models = models.get(root.key, [])
    own_variants = [head for model in (root, *own_models) for head in variants.get(model.key, [])]
    return Tree(root, _sorted(own_models), _sorted(own_variants))


def _sorted(heads: Sequence[Head]) -> tuple[Head, ...]:
    return tuple(sorted(heads, key=lambda head: head.key))
