"""Records of cases: today the escalations they are waiting in."""
