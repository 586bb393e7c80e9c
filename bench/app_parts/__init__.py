"""The parts of `bench/app.py`."""
