"""Wiring only: the command line and the processes it starts. May import anything; nothing imports it."""
