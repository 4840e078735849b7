"""How soon cases got their remedy: how each stands at a point of the log, summed up, and asked for."""
