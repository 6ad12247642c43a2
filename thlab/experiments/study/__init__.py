"""A rating study end to end: plan it, write its page, read what raters saved, and report. Chapter 16."""
