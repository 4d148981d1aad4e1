"""A small outlet of our own making on loopback: for `make demo`, for tests and benchmarks. All its news is invented."""
