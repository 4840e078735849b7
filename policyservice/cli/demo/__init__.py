"""The demo: scenes as data, played over HTTP against the real service, and told as a person would like to read them."""
