"""One timeline of a case or a customer across channels, made of what several sources know."""
