"""What a change of a rulebook means: the classes of cases whose answer differs, each with an example.

`declared` lists what was added, removed or changed by name, `pair` answers one case by both rulebooks as formulas,
`classes` finds the classes of one pair, `find` goes through them all. Source: docs/how-to/review-a-change-of-rules.md.
"""
