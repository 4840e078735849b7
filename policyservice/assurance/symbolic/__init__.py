"""`decide()` as formulas: the same steps over every case that a vocabulary allows, for a solver to search.

`terms` are values that may be unknown; `case` holds the symbols of one case; `amounts` and `findings` say
what the rules say, `spoken` and `limits` what that comes to, `answer` how it is answered. Tests hold it equal to
`engine.decide`. Source: decision.md section 2; docs/explanation/proofs.md.
"""
