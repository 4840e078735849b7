"""What a person may ask for and what time asks for: export, erasure, retention."""
