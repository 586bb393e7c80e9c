"""Responses by day as text in cells: what the app and `tokentui stats` draw, without a terminal library."""
