"""Services from a spreadsheet: read, compared with what stands, and, all at once or not at all, put up for review."""
