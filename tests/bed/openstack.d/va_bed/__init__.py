"""A real OpenStack on loopback for tests; see ../../README.md."""
