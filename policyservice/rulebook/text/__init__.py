"""From the text of one file to nodes that know their place."""
