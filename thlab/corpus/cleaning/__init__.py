"""Cleaning: what is wrong with a clip that nobody has looked at, measured; and labels that nobody has written."""
