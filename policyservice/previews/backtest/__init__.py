"""Back-tests: a history of requests run through a rulebook, in time order, with the ledger in memory."""
