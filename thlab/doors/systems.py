"""``thlab systems``: the survey's Table 2, printed from the cards of the systems that are there."""

from __future__ import annotations

import argparse

SUMMARY = "print the systems that are there, as the survey's Table 2 does"
HEADS = ("system", "year", "driven by", "framework", "intermediate", "disentangled", "person", "head", "expression")
DIFFERS = "*"


def add_options(command: argparse.ArgumentParser) -> None:
    del command  # there is only one table


def run(options: argparse.Namespace) -> int:
    del options
    from thlab.systems.base import SYSTEMS, system_class

    cards = [(name, system_class(name).card) for name in SYSTEMS]
    rows = [HEADS, *(row(name, card) for name, card in cards)]
    widths = [max(len(line[column]) for line in rows) for column in range(len(HEADS))]
    for line in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    for name, card in cards:
        for field, printed in card.survey_differs.items():
            print(f"{DIFFERS} {name}: for {field} the survey prints {printed}")
    return 0


def row(name: str, card) -> tuple[str, ...]:
    """One line of the table; a star where the survey prints something else."""
    facts = {
        "drivers": ", ".join(card.drivers),
        "framework": card.framework,
        "intermediate": "—" if card.intermediate == "none" else card.intermediate,
        "disentangled": tick(card.disentangled),
        "anyone": "anyone" if card.anyone else "its own",
        "head_motion": tick(card.head_motion),
        "expression": tick(card.expression),
    }
    marked = [text + (DIFFERS if field in card.survey_differs else "") for field, text in facts.items()]
    return (name, str(card.year), *marked)


def tick(yes: bool) -> str:
    return "✓" if yes else "—"
