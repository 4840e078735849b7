"""Who may act for whom: agents, keys, roles."""
