"""Incidents are opened, change their state, get one corrective action and one remedy for all alike."""
