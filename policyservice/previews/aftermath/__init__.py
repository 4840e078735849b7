"""What becomes of cases afterwards, made up by a generator whose truth is known: to try measurements against."""
