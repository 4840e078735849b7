"""From checked documents to the values of a rulebook: names looked up, types held together, nothing guessed."""
