"""The parts of `bench/gate.py`, one subject a file."""
