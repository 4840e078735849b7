"""What a case costs when the agent decides at once: C1 of the cost model.

    C1(x) = hd*w1/(60*u) + x*(1+i) + f

where x is what the remedy costs the company (k*A) and f its payment fee. Source: docs/explanation/costs.md.
"""

from __future__ import annotations

from policyservice.costs.line import Line, Number, Values


def deciding(p: Values[Number]) -> Line[Number]:
    """C1 before the payment fee, which is known exactly and so is subtracted last; the same in every view."""
    return Line(p["hd"] * p["w1"] / (60 * p["u"]), 1 + p["i"])
