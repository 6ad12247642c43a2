"""Builds what is made from the chapters: the student's release, the slides, the book."""
