"""`make eval`: how well messages are understood, in figures that people can read (docs/understanding.md)."""
