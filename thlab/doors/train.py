"""``thlab train NAME``: train a system's checkpoint from nothing."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "train the network of a system and save its checkpoint"


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("system", choices=["talker"], help="stem of the system's file")
    command.add_argument("--budget", choices=["smoke", "laptop", "full"], default="laptop", help="how long to learn")
    command.add_argument("--seed", type=int, default=0, help="seed of the weights and of the data")
    command.add_argument("-o", "--output", type=Path, default=None, help="folder of the checkpoint")


def run(options: argparse.Namespace) -> int:
    if options.seed < 0:
        raise ValueError(f"--seed takes whole numbers from 0; got {options.seed}")
    from thlab.experiments import talker_training
    from thlab.experiments.checkpoints import FOLDER

    path = talker_training.train(budget=options.budget, seed=options.seed, folder=options.output or FOLDER)
    print(path)
    return 0
