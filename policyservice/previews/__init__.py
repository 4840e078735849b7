"""History under a draft, through the same decide()."""
