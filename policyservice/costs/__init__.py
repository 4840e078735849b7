"""What a remedy costs, what escalating would have cost, and how sure that is; pure."""
