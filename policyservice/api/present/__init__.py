"""The service's values in the shapes of the wire."""
