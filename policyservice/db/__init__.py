"""Column types, sessions, migrations: the one room that knows which database it is."""
