"""Hold, settle, position: what was promised and given, as entries; counters and heads are sums of them."""
