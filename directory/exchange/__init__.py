"""Bringing the directory in and out: spreadsheets and HSDS."""
