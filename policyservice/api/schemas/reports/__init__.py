"""Reports: what is asked, and the figures that are answered."""
