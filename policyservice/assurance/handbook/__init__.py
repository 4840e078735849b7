"""The handbook: a rulebook told in plain Finnish and English, for the people who serve customers.

`page.page` makes the whole HTML page; the other modules each turn one idea of the rulebook into words.
"""
