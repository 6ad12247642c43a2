"""``thlab claims NAME``: run a paper's headline claim as an experiment."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "test a paper's claim: arms, seeds, a shuffled-sound control, intervals"


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("system", metavar="NAME", help="stem of a system's file")
    command.add_argument("--budget", choices=["smoke", "laptop", "gpu"], default="laptop", help="of each training")
    command.add_argument("--seeds", type=int, default=3, help="how many trainings an arm (default: 3)")
    command.add_argument("--quiet", action="store_true", help="no progress bars")
    command.add_argument("-o", "--output", type=Path, default=Path("out/claims"), help="folder of the JSON")


def run(options: argparse.Namespace) -> int:
    if options.output.exists() and not options.output.is_dir():
        raise ValueError(f"expected a folder to write into, but {options.output} is a file; name another place")
    from thlab.experiments.claims import run_claim

    result = run_claim(options.system, budget=options.budget, seeds=options.seeds, quiet=options.quiet)
    print("\n".join(result.lines()))
    print(result.save(options.output))
    return 0
