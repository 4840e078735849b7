"""The words of the field; standard library only."""
