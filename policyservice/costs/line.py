"""A cost that grows in a straight line with what the remedy costs the company."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

Number = TypeVar("Number", Fraction, FloatArray)
"""One exact number, or one float for each draw of the simulation: the formulas are written once for both."""

Values = Mapping[str, Number]
"""Symbol -> number."""

VIEWS = ("cash", "churn", "full")
"""Labour and remedy only; with customers lost; with the public and outside bodies as well."""


@dataclass(frozen=True, slots=True)
class Line(Generic[Number]):
    """`fixed + slope * x`, where x is what the remedy costs the company, in whole currency units."""

    fixed: Number
    slope: Number

    def less(self, other: Line[Number]) -> Line[Number]:
        """The difference of two costs."""
        return Line(self.fixed - other.fixed, self.slope - other.slope)
