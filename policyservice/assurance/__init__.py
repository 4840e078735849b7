"""What can be known about a rulebook before it is in force; pure."""
