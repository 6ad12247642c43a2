"""``thlab scorecard SYSTEM…``: systems side by side on people whom they never met, with intervals and paired tests."""

from __future__ import annotations

import argparse

from thlab.doors.score import check_outputs, outputs, write_outputs

SUMMARY = "put systems side by side: held-out people, a copy of the reference, other sound, intervals, paired tests"


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("systems", metavar="SYSTEM", nargs="+", help="such as speech2vid wav2lip; see thlab systems")
    outputs(command)


def run(options: argparse.Namespace) -> int:
    check_outputs(options)
    from thlab.experiments.scorecard.systems import score_systems

    card = score_systems(options.systems, quiet=options.quiet)
    print("\n".join(card.lines()))
    return write_outputs(card, options)
