"""From facts to an answer, pure: what the rules say, by two evaluators, and what follows from it."""
