"""What a rulebook may say and yet hardly means: each kind of weakness in a file of its own, all of them in `find`.

`regions` holds one solver for each reason and currency, `weakness` is what is told. Source: docs/reference/commands.md.
"""
