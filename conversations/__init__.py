"""Who is talking, what was said and who answers."""
