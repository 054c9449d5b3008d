"""Measurements, run by `make bench`: each beside a peer in the same run, since machines differ."""
