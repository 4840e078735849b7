"""The service over HTTP: one blueprint per audience, one file per resource."""
