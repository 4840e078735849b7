"""Which rules, comparisons, bounds, amounts and effects the policy tests of a rulebook exercise.

`points` says what there is to exercise, `seen` what the tests did, `measure` puts the two together; `lines` finds where
in a pack's text a point stands, `page` shows it. Source: docs/how-to/test-a-rulebook.md.
"""
