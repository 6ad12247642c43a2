"""``thlab datasets``: what is known about eleven public datasets; check, cut and unpack those that you have."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from thlab.corpus.public import DatasetCard, Report

SUMMARY = "eleven public datasets: what they are, how to obtain them; check, cut and unpack what you have"
HEADS = ("name", "year", "hours", "people", "clips", "where", "head moves", "emotions", "views", "published as")
UNKNOWN = "?"
DIFFERS = "*"
WHERE = {"lab": "laboratory", "broadcast": "television", "web": "web"}
SHOWN = 20
"""Problems that are printed one by one."""


def add_options(command: argparse.ArgumentParser) -> None:
    command.set_defaults(act=table)
    acts = command.add_subparsers(metavar="what", dest="what")
    showing = acts.add_parser("show", help="print a dataset's card, licence, how to obtain it, and its folders")
    checking = acts.add_parser("check", help="read all of a dataset and report what is missing or damaged")
    cutting = acts.add_parser("cut", help="cut clips from videos that you downloaded, as a dataset's lists say")
    unpacking = acts.add_parser("unpack", help="unpack an archive that cannot write outside its folder")
    for act, function in ((showing, show), (checking, check), (cutting, cut)):
        act.add_argument("name", metavar="NAME", help="such as grid; 'thlab datasets' lists them")
        act.set_defaults(act=function)
    _check_options(checking)
    _cut_options(cutting)
    unpacking.add_argument("archive", type=Path, metavar="ARCHIVE", help="zip, tar, tar.gz, tar.bz2 or tar.xz")
    unpacking.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")
    unpacking.set_defaults(act=unpack)


def _check_options(act: argparse.ArgumentParser) -> None:
    act.add_argument("folder", type=Path, metavar="FOLDER", help="what 'thlab datasets show NAME' draws")
    act.add_argument("--split", help="only this official split")
    act.add_argument("--names-only", action="store_true", help="look whether files are there, without reading them")
    act.add_argument("--skip-damaged", action="store_true", help="exit with 0 although something is missing or damaged")


def _cut_options(act: argparse.ArgumentParser) -> None:
    act.add_argument("--lists", type=Path, required=True, metavar="PATH", help="the lists as published")
    act.add_argument("--videos", type=Path, required=True, metavar="FOLDER", help="videos, named by their ids")
    act.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")
    act.add_argument("--size", type=int, default=224, help="pixels of a clip's side; 0 keeps what the crop has (224)")
    act.add_argument("--skip-damaged", action="store_true", help="go on after videos that cannot be read")


def run(options: argparse.Namespace) -> int:
    return options.act(options)


def table(options: argparse.Namespace) -> int:
    """The survey's Table 1 with figures from the sources; a star where the survey prints something else."""
    del options
    from thlab.corpus.public import cards

    known = cards()
    rows = [HEADS, *(row(card) for card in known)]
    widths = [max(len(line[column]) for line in rows) for column in range(len(HEADS))]
    for line in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    for card in known:
        for topic, slip in card.survey_differs.items():
            print(f"{DIFFERS} {card.name}, {topic}. The survey: {slip.printed}. Rather: {slip.corrected}.")
    print("'thlab datasets show NAME' tells the rest: licence, use, how to obtain it, and where the figures come from.")
    return 0


def row(card: DatasetCard) -> tuple[str, ...]:
    """One line of the table."""
    facts = {
        "hours": number(card.hours),
        "people": number(card.people),
        "clips": number(card.clips),
        "environment": WHERE[card.environment],
        "head_motion": tick(card.head_motion),
        "emotion_labels": tick(card.emotion_labels),
        "views": str(card.views),
        "published_as": card.published_as,
    }
    marked = [text + (DIFFERS if fact in card.survey_differs else "") for fact, text in facts.items()]
    return (card.name, str(card.year), *marked)


def number(value: float | int | None) -> str:
    """Grouped by thousands; a question mark for what nobody counted."""
    return UNKNOWN if value is None else f"{value:,.1f}".removesuffix(".0")


def tick(yes: bool) -> str:
    return "✓" if yes else "—"


def show(options: argparse.Namespace) -> int:
    """Everything on a dataset's card."""
    from thlab.corpus.public import dataset_card

    card = dataset_card(options.name)
    print(f"{card.title}: {card.authors}. {card.venue}, {card.year}.\n")
    print(f"hours     {number(card.hours)}")
    print(f"people    {number(card.people)}; clips: {number(card.clips)}; cameras: {card.views}")
    print(f"pictures  {card.resolution}; frames a second: {card.fps}; {WHERE[card.environment]}")
    print(f"labels    {', '.join(card.labels) or 'none'}")
    print(f"splits    {', '.join(card.splits) or 'none'}: {card.splits_note}")
    print(f"licence   {card.licence}")
    print(f"use       {card.allowed_use}")
    print(f"obtain    {card.obtain.how}\n          {card.obtain.address}")
    print("\nfolders, as 'thlab datasets check' and open_dataset expect them:\n")
    print("\n".join(f"    {line}" for line in card.layout.splitlines()))
    print("\nfigures from:")
    print("\n".join(f"  - {source}" for source in card.sources))
    for note in card.notes:
        print(f"note: {note}")
    for topic, slip in card.survey_differs.items():
        print(f"{DIFFERS} {topic}. The survey: {slip.printed}. Rather: {slip.corrected} ({slip.source}).")
    return 0


def check(options: argparse.Namespace) -> int:
    """Report on a folder; exit with 1 when something is missing or damaged, unless that is to be skipped."""
    from thlab.corpus.public import open_dataset

    dataset = open_dataset(options.name, options.folder)
    report = dataset.check(options.split, decode=not options.names_only)
    if report.total == 0:
        raise ValueError(f"{options.folder} has the folders of {dataset.card.title}, but no clip in them; unpack or "
                         "cut the clips first")  # fmt: skip
    print(f"{dataset.card.title} in {options.folder}: {report}")
    _print_problems(report)
    return 0 if report.whole or options.skip_damaged else 1


def _print_problems(report: Report) -> None:
    problems = [("missing", problem) for problem in report.missing]
    problems += [("damaged", problem) for problem in report.damaged]
    for kind, problem in problems[:SHOWN]:
        print(f"  {kind}: {problem}")
    if len(problems) > SHOWN:
        print(f"  … and {len(problems) - SHOWN} more")


def cut(options: argparse.Namespace) -> int:
    """Cut what is there, saying after each video how far it is."""
    from thlab.corpus.public import dataset_class
    from thlab.corpus.public.cutting import CutReport
    from thlab.corpus.public.linked import LinkedDataset

    kind = dataset_class(options.name)
    if not issubclass(kind, LinkedDataset):
        raise ValueError(f"{kind.card.title} is published as files, with nothing to cut; see 'thlab datasets show "
                         f"{options.name}'")  # fmt: skip
    if options.size < 0 or options.size == 1:
        raise ValueError(f"--size takes pixels from 2, or 0; got {options.size}")
    report = CutReport()
    for report in kind.cut(
        options.lists, options.videos, options.output, size=options.size or None, skip_damaged=options.skip_damaged
    ):
        if sys.stdout.isatty():
            print(f"\r{report}", end="", flush=True)
    print("\r" * sys.stdout.isatty() + str(report))
    for failure in report.failed[:SHOWN]:
        print(f"  failed: {failure}")
    for video, waiting in list(report.not_downloaded.items())[:SHOWN]:
        print(f"  not downloaded: {video} ({waiting} clips)")
    return 0


def unpack(options: argparse.Namespace) -> int:
    """Unpack, or say in one line why not."""
    from thlab.corpus.public.archives import unpack as unpack_archive

    files = unpack_archive(options.archive, options.output)
    print(f"{len(files)} files in {options.output}")
    return 0
