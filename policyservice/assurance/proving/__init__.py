"""What a rulebook can never do: invariants proved over every case that the vocabulary allows, or refuted with a case.

`found` is a concrete case that a solver found, `search` looks for one, `claims` are invariants as formulas, `builtin`
what holds of every rulebook, `prove` goes through them all. Source: docs/explanation/proofs.md.
"""
