"""Small changes of a rulebook, and whether its policy tests notice them.

`conditions`, `amounts`, `rules` and `settings` make the changes, `mutant` says what one is; `noticing` runs the tests
that could notice it, `equivalence` asks a solver about those that none notices, `mutate` goes through them all.
Source: docs/how-to/test-a-rulebook.md.
"""
