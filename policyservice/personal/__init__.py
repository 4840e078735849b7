"""What is kept of persons outside the log: plain references and free text, to be shown until they are erased."""
