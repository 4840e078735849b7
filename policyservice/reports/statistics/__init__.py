"""Statistics of small numbers, pure: rates before and after, ranks, false discoveries."""
