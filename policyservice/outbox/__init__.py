"""Events that leave with the transaction: written in it, sent behind it, at least once."""
