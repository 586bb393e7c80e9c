"""Tells people and programs, once each, that tokens expire soon, were rotated, disabled or deleted."""
