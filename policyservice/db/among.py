"""A column's value among bound texts, however many: one value to bind, so that a statement is the same for all.

PostgreSQL takes them as an array, SQLite as a JSON list; both look each of them up in an index of the column.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, BindParameter, Boolean, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from policyservice.db.types import canonical_json


class _Texts(TypeDecorator[Sequence[str]]):
    """Texts as one value."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Text) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        texts = list(value or ())
        return texts if dialect.name == "postgresql" else canonical_json(texts)


class among(FunctionElement[bool]):  # noqa: N801 - reads as what it says
    """Whether a column's value is one of the texts bound under a name; null where the column is null."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], name: str, texts: Sequence[str] | None = None) -> None:
        bound: BindParameter[Any] = bindparam(name, texts, _Texts())
        super().__init__(column, bound)

    def self_group(self, against: Any = None) -> Any:
        """Itself: SQLAlchemy would have SQLite compare it to 1, and then no index is used."""
        return self


@compiles(among, "postgresql")
def _as_array(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, texts = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} = ANY ({texts})"


@compiles(among, "sqlite")
def _as_json(element: among, compiler: SQLCompiler, **options: Any) -> str:
    column, texts = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({texts}))"
