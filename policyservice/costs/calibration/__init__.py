"""Measures the parameters of the cost model on what happened, and sets estimates beside it; pure."""
