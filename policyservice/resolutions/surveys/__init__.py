"""What survey tools deliver: whether it is theirs, and what it says in our words."""
