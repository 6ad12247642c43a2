"""Checks of a student's answers, a module a chapter: ``checks.ch02.frame_signal(frame_signal)``."""

from importlib import import_module
from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    """Import the module of one chapter, when it is first asked for."""
    if name.startswith("_"):
        raise AttributeError(name)
    try:
        return import_module(f"thlab.course.checks.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"thlab.course.checks.{name}":
            raise
        raise AttributeError(f"there are no checks called {name!r}; those of chapter 2 are checks.ch02") from None
