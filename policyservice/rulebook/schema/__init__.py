"""What each kind of file may hold, said once as data."""
