"""thlab: talking-head video generation, rebuilt in small tested pieces (see README.md)."""

__version__ = "0.1.0"
