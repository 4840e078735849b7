"""What a case costs when the agent may not decide: C0 of the cost model.

    L     = (h1*w1 + h2*w2 + p3*h3*w3 + r*hr*w1) / (60*u)
    C0(x) = q*(L + g*x) + V*(q*(g*d_slow + (1-g)*d_none) + (1-q)*d_none) + p_pub*c_pub + p_ext*c_ext

where x is what the remedy costs the company (k*A). Source: docs/explanation/costs.md.
"""

from __future__ import annotations

from policyservice.costs.line import Line, Number, Values


def labour(p: Values[Number]) -> Number:
    """L: the paid time of everyone who works on an escalated case, in whole currency units."""
    frontline = (p["h1"] + p["r"] * p["hr"]) * p["w1"]
    beyond = p["h2"] * p["w2"] + p["p3"] * p["h3"] * p["w3"]
    return (frontline + beyond) / (60 * p["u"])


def churn(p: Values[Number]) -> Number:
    """The contribution margin expected to be lost with customers who waited, got nothing or gave up."""
    escalated = p["g"] * p["d_slow"] + (1 - p["g"]) * p["d_none"]
    return p["V"] * (p["q"] * escalated + (1 - p["q"]) * p["d_none"])


def outside(p: Values[Number]) -> Number:
    """The expected cost of public complaints and of outside dispute bodies."""
    return p["p_pub"] * p["c_pub"] + p["p_ext"] * p["c_ext"]


def escalating(p: Values[Number]) -> dict[str, Line[Number]]:
    """C0 in each view, over what the remedy costs: a share q*g of cases is compensated in the end."""
    slope = p["q"] * p["g"]
    cash = p["q"] * labour(p)
    with_churn = cash + churn(p)
    return {
        "cash": Line(cash, slope),
        "churn": Line(with_churn, slope),
        "full": Line(with_churn + outside(p), slope),
    }
