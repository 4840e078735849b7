"""What only shows in the whole: cycles, contradictions, and the bounds of the engine."""
