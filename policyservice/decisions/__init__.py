"""Ask, settle, look up, replay: what becomes of one request, in one transaction."""
