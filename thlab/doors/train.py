"""``thlab train NAME``: train a network from nothing to its checkpoint; a killed training goes on where it was."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "train the network of a system and save its checkpoint"


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("system", metavar="NAME", help="a system, face_reader, sync_coach, sync_judge or landmarker")
    command.add_argument(
        "--budget", choices=["smoke", "laptop", "gpu"], default="laptop",
        help="how long to learn: seconds, minutes on two cores, or what the kept checkpoints took (default: laptop)",
    )  # fmt: skip
    command.add_argument(
        "--clips", type=Path, metavar="FOLDER", help="learn from your own clips, made by thlab prepare"
    )
    command.add_argument(
        "--from", dest="start", type=Path, metavar="CHECKPOINT", help="with --clips: go on from these weights"
    )
    command.add_argument("--seed", type=int, default=0, help="seed of the weights and of the data (default: 0)")
    command.add_argument("--device", default="", help="as torch names it (default: the GPU where there is one)")
    command.add_argument("--fresh", action="store_true", help="begin anew, even where a killed training could go on")
    command.add_argument("--quiet", action="store_true", help="no progress bars")
    command.add_argument("-o", "--output", type=Path, default=Path("out/checkpoints"), help="folder of the checkpoint")


def run(options: argparse.Namespace) -> int:
    if options.seed < 0:
        raise ValueError(f"--seed takes whole numbers from 0; got {options.seed}")
    if options.output.exists() and not options.output.is_dir():
        raise ValueError(f"expected a folder for the checkpoint, but {options.output} is a file; name another place")
    from thlab.experiments.checkpoints import load_checkpoint
    from thlab.experiments.training import check_device, train

    path = train(
        options.system, budget=options.budget, seed=options.seed, folder=options.output, fresh=options.fresh,
        device=check_device(options.device), quiet=options.quiet, clips=options.clips, start=options.start,
    )  # fmt: skip
    if path is None:  # another process of torchrun has written it
        return 0
    _, card = load_checkpoint(options.system, path)
    for name, value in card.metrics.items():
        print(f"{name:32} {value:g}")
    print(path)
    return 0
