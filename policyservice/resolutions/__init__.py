"""What needs cases and decisions both: an escalation that somebody resolves."""
