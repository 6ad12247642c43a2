"""Widgets on the inside of things: each a pure drawing and a thin panel; the tests move every control of each."""

from pkgutil import iter_modules

EXPLORERS: dict[str, str] = {
    module.name: f"{__name__}.{module.name}"
    for module in iter_modules(__path__)
    if module.name != "explorer" and not module.name.startswith("_")
}
"""Where each is defined, as ``EXPLORER``: every public module of this folder."""
