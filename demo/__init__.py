"""A day in short: six people text, staff act, and what each phone and each desk saw becomes a page. `make demo`."""
