"""What was given, what it cost beside escalating, where it comes from and how evenly it was answered."""
