"""``thlab opinion``: make a page on which people rate clips, read what they answered, and plan how many are needed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

SUMMARY = "ask people: a blind rating page, the table of its answers, and how many raters it takes"
SEED = 0


def add_options(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", required=True, metavar="page|read|power")
    _page_options(actions.add_parser("page", help="write one HTML file on which people rate clips, and its key"))
    _read_options(actions.add_parser("read", help="print the table of what raters saved"))
    _power_options(actions.add_parser("power", help="print how many raters see a difference"))


def _page_options(page: argparse.ArgumentParser) -> None:
    page.add_argument("clips", metavar="CLIP", nargs="+", type=Path,
                      help="videos, or folders of them: SYSTEM/CONTENT.mp4; every system shows the same contents")
    page.add_argument("-o", "--output", type=Path, default=Path("out/study.html"), help="the page (out/study.html)")
    page.add_argument("--key", type=Path, help="the key, which stays with you (default: the page's name, .key.json)")
    page.add_argument("--worst", type=Path, metavar="CLIP", help="practice: an example of 1, Bad")
    page.add_argument("--best", type=Path, metavar="CLIP", help="practice: an example of 5, Excellent")
    page.add_argument("--title", default="Talking people", help="what raters read on top; it must not tell")
    page.add_argument("--question", help="what they are asked of each clip")
    page.add_argument("--order", choices=["balanced", "random"], default="balanced", help="how clips are shuffled")
    page.add_argument("--checks", type=int, default=2, help="attention checks (default: 2)")
    page.add_argument("--repeats", type=int, default=1, help="clips that are shown twice (default: 1)")
    page.add_argument("--seed", type=int, default=SEED, help="of codes and orders (default: 0)")


def _read_options(read: argparse.ArgumentParser) -> None:
    read.add_argument("key", metavar="KEY", type=Path, help="the key that was written beside the page")
    read.add_argument("sheets", metavar="CSV", nargs="+", type=Path, help="what raters saved, a file each")
    read.add_argument("--normalise", choices=["none", "bias", "z", "rank"], default="none",
                      help="take out what differs between raters: bias; bias and scale (z); all but the order (rank)")
    read.add_argument("--keep-all", action="store_true", help="count raters who failed checks, too")
    read.add_argument("--seed", type=int, default=SEED, help="of the intervals (default: 0)")
    read.add_argument("-o", "--output", type=Path, metavar="JSON", help="write everything as JSON, too")


def _power_options(power: argparse.ArgumentParser) -> None:
    power.add_argument("--difference", type=float, required=True, help="of two mean opinions, in points: 0.3")
    power.add_argument("--raters", type=int, help="print the power with so many, too")
    power.add_argument("--clips", type=int, default=20, help="contents of each system (default: 20)")
    power.add_argument("--power", type=float, default=0.8, help="chance to see it that is wanted (default: 0.8)")
    power.add_argument("--systems", type=int, default=2, help="how many are compared, each with each (default: 2)")
    power.add_argument("--pilot", type=Path, metavar="JSON", help="take spreads from a pilot, as read -o wrote it")
    for name, what in (("rater", "taste"), ("clip", "clips"), ("noise", "a rater's noise")):
        power.add_argument(f"--{name}-spread", type=float, help=f"standard deviation of differences by {what}, points")


def run(options: argparse.Namespace) -> int:
    actions: dict[str, Callable[[argparse.Namespace], list[str]]] = {"page": page, "read": read, "power": needed}
    print("\n".join(actions[options.action](options)))
    return 0


def page(options: argparse.Namespace) -> list[str]:
    """Write a page and its key."""
    _check_page(options)
    from thlab.experiments.study.clips import clips_of, read_videos
    from thlab.experiments.study.page import make_study
    from thlab.experiments.study.plan import QUESTION

    key = options.key or options.output.with_suffix(".key.json")
    given = {kind: getattr(options, kind) for kind in ("worst", "best") if getattr(options, kind)}
    anchors = read_videos({("anchor", kind): path for kind, path in given.items()})
    study = make_study(
        read_videos(clips_of(options.clips)), seed=options.seed, title=options.title, design=options.order,
        question=options.question or QUESTION, checks=options.checks, repeats=options.repeats,
        anchors={kind: clip for (_, kind), clip in anchors.items()},
    )  # fmt: skip
    study.write(options.output, key)
    systems, contents = study.plan.systems, study.plan.contents
    missing = [] if len(given) == 2 else ["no practice on both ends of the scale; --worst and --best add it"]
    return [
        f"{options.output}: {len(systems)} × {len(contents)} clips ({', '.join(systems)}), for raters 1, 2, 3 …",
        f"{key}: the key; keep it to yourself",
        *missing,
    ]


def _check_page(options: argparse.Namespace) -> None:
    """Refuse before clips are read what would fail after it.

    Raises:
        ValueError: a place to write to has the wrong name, or text is missing.
    """
    if options.output.suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"the page is written as .html, but {options.output.name!r} ends otherwise; rename it")
    if not options.title.strip() or (options.question is not None and not options.question.strip()):
        raise ValueError("expected a title and a question of at least one letter")
    if options.seed < 0:
        raise ValueError(f"expected a seed of 0 or more, got {options.seed}")


def read(options: argparse.Namespace) -> list[str]:
    """Evaluate what raters saved."""
    if options.seed < 0:
        raise ValueError(f"expected a seed of 0 or more, got {options.seed}")
    from thlab.experiments.study.answers import read_sheets
    from thlab.experiments.study.plan import read_plan
    from thlab.experiments.study.report import report

    plan = read_plan(options.key)
    sheets = read_sheets(plan, options.sheets)
    found = report(plan, sheets, normalise=options.normalise, screened=not options.keep_all, seed=options.seed)
    return [*found.lines(), *([f"{found.save(options.output)}"] if options.output else [])]


def needed(options: argparse.Namespace) -> list[str]:
    """Plan a study."""
    from thlab.metrics.opinion import power, raters_needed

    spreads = _spreads(options)
    if options.systems < 2:
        raise ValueError(f"expected two systems or more to compare, got {options.systems}")
    if options.clips < 1 or (options.raters is not None and options.raters < 1):
        raise ValueError(f"expected at least one clip and one rater, got {options.clips} and {options.raters}")
    named = {"components": spreads, "comparisons": options.systems * (options.systems - 1) // 2}
    count = raters_needed(options.difference, clips=options.clips, wanted=options.power, **named)
    lines = [
        f"spreads of a difference of two systems: raters {spreads.rater:g}, clips {spreads.clip:g}, noise "
        f"{spreads.noise:g} points" + ("" if options.pilot else " (assumed; a pilot tells yours: --pilot)"),
        f"a difference of {options.difference:g} with {options.clips} clips a system takes {count} raters "
        f"(power {options.power:g}, two-sided 0.05, {named['comparisons']} comparison"
        + ("s)" if options.systems > 2 else ")"),
    ]
    if options.raters is not None:
        reached = power(options.difference, raters=options.raters, clips=options.clips, **named)
        lines.append(f"with {options.raters} raters the power is {reached:.2f}")
    return [*lines, "", *_by_clips(options, named)]


def _by_clips(options: argparse.Namespace, named: dict) -> list[str]:
    """Raters for other numbers of clips, since either buys the other only so far."""
    from thlab.metrics.opinion import raters_needed

    rows = ["clips  raters"]
    for clips in (6, 8, 10, 15, 20, 30, 50, 100):
        try:
            count = str(raters_needed(options.difference, clips=clips, wanted=options.power, **named))
        except ValueError:
            count = "no number is enough"
        rows.append(f"{clips:5}  {count}")
    return rows


def _spreads(options: argparse.Namespace):
    """From the options, the pilot, or the assumed ones, in this order."""
    from thlab.metrics.opinion import Components

    plain = vars(Components()) if options.pilot is None else _pilot(options.pilot)
    for name in ("rater", "clip", "noise"):
        given = getattr(options, f"{name}_spread")
        plain = {**plain, name: plain[name] if given is None else given}
    return Components(**plain)


def _pilot(path: Path) -> dict[str, float]:
    """The components in the JSON of a study.

    Raises:
        ValueError: it is missing, or has none.
    """
    try:
        found = json.loads(path.read_text("utf-8"))["components"]
        return {name: float(found[name]) for name in ("rater", "clip", "noise")}
    except OSError as error:
        raise ValueError(f"the pilot {path} cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError):
        raise ValueError(
            f"{path} has no spreads; expected the JSON of 'thlab opinion read -o', of two systems that two raters rated"
        ) from None
