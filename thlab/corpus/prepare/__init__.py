"""Somebody's own video becomes clips to learn from, with estimated truth."""

from thlab.corpus.prepare.report import Report
from thlab.corpus.prepare.video import PrepareConfig, prepare

__all__ = ["PrepareConfig", "Report", "prepare"]
