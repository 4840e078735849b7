"""Whether anything is due: one look at the first entry of an index, however much is not.

EXISTS says the same in fewer words, but of rows that are all in the future PostgreSQL expects to meet one that is due
soon, wherever it begins to read, and reads the whole table to find none.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, bindparam, false, func, select

from policyservice.db.types import UtcInstant


def is_any(instant: ColumnElement[Any], *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the earliest instant of the rows that conditions hold for is `now`, as that is bound, or before it.

    There is to be an index of what the conditions compare and then of the instant.
    """
    earliest = select(instant).where(*where, instant.is_not(None)).order_by(instant).limit(1).scalar_subquery()
    return func.coalesce(earliest <= bindparam("now", type_=UtcInstant()), false())
