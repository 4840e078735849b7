"""YAML in, a checked immutable rulebook out."""
