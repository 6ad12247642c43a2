"""The synthetic corpus: seeded and endless clips of invented people who speak, with everything known about them.

Clip ``i`` is the same on every machine, up to the rounding of floats. What is planted, and how strongly, is listed in
``data_samples/README.md``; the constants stand in ``performance``, ``voices``, ``filming`` and in ``face.blinks`` and
``face.random_motion``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import torch
from tqdm import tqdm

from thlab.corpus.cache import ClipCache, corpus_folder
from thlab.corpus.filming import make_clips
from thlab.corpus.plan import ClipPlan, CorpusConfig, plan
from thlab.media import Clip

__all__ = ["ClipPlan", "CorpusConfig", "SyntheticCorpus", "plan"]

WORKER = "import json, sys; from thlab.corpus.synthetic import work; work(json.load(sys.stdin))"
"""The program of a worker."""
PACKAGE_PARENT = Path(__file__).resolve().parents[2]
POLL_SECONDS = 0.1


class SyntheticCorpus:
    """Clips by number. A clip is made when it is first asked for, then read from the cache on disk.

    Args:
        config: what the corpus is like.
        cache: folder for finished clips, which may be deleted at any time; None keeps nothing. The default is a folder
            of this configuration under :func:`thlab.corpus.cache.cache_root`.

    Chapter 01.
    """

    def __init__(self, config: CorpusConfig, *, cache: Path | str | None = "") -> None:
        self.config = config
        folder = corpus_folder(config) if cache == "" else cache
        self.cache = None if folder is None else ClipCache(Path(folder), config)

    def plan(self, index: int) -> ClipPlan:
        """What a clip will be, without making it."""
        return plan(self.config, index)

    def __getitem__(self, index: int) -> Clip:
        return self.clips([index])[0]

    def clips(self, indices: Sequence[int]) -> list[Clip]:
        """Several clips; those that are missing are made together, which is quicker than one by one."""
        found = {} if self.cache is None else {index: self.cache.read(index) for index in dict.fromkeys(indices)}
        ready = {index: clip for index, clip in found.items() if clip is not None}
        for index, clip in make_clips(self.config, [index for index in dict.fromkeys(indices) if index not in ready]):
            ready[index] = clip
            if self.cache is not None:
                self.cache.write(index, clip)
        return [ready[index] for index in indices]

    def prepare(
        self, wanted: int | Sequence[int], *, processes: int | None = None, quiet: bool = True
    ) -> None:
        """Make those clips that the cache lacks, several persons at a time.

        What is finished stays finished: after a crash or a kill the next call goes on where this one stopped.

        Args:
            wanted: numbers of clips, or how many from the first on.
            processes: how many work at once; None is one a core.
            quiet: whether to do without a progress bar.

        Raises:
            ValueError: the corpus has no cache to fill.
            RuntimeError: a worker failed; holds the end of its message.
        """
        if self.cache is None:
            raise ValueError("a corpus without a cache cannot be prepared; give it a folder")
        self.cache.sweep()
        indices = range(wanted) if isinstance(wanted, int) else wanted
        missing = [index for index in indices if not self.cache.has(index)]
        groups = of_one_actor(self.config, missing)
        workers = min(processes or os.cpu_count() or 1, len(groups))
        with tqdm(total=len(missing), desc="clips", disable=quiet) as bar:
            if workers > 1:
                run_workers([self._job(groups[worker::workers]) for worker in range(workers)], self.cache, missing, bar)
                return
            for group in groups:
                self.clips(group)
                bar.update(len(group))

    def _job(self, groups: list[list[int]]) -> dict[str, Any]:
        """What a worker is told."""
        assert self.cache is not None
        return {"config": asdict(self.config), "folder": str(self.cache.folder), "groups": groups}


def of_one_actor(config: CorpusConfig, indices: Sequence[int]) -> list[list[int]]:
    """Group clips that one person speaks in a row, so that each person is put together once."""
    return [list(group) for _, group in groupby(sorted(indices), key=lambda index: index // config.clips_an_actor)]


# -- workers: new Pythons rather than forks, because numba and torch keep threads that do not survive a fork, and rather
# -- than multiprocessing's spawn, because the __main__ of a notebook or a script cannot always be imported again


def work(job: dict[str, Any]) -> None:
    """What a worker does: its clips, a person at a time, on one thread; no longer than the process lives that asked."""
    parent = os.getppid()
    torch.set_num_threads(1)
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in job["config"].items()
    }
    corpus = SyntheticCorpus(CorpusConfig(**fields), cache=job["folder"])
    for group in job["groups"]:
        if os.getppid() != parent:
            return
        corpus.clips(group)


def run_workers(jobs: Sequence[dict[str, Any]], cache: ClipCache, missing: Sequence[int], bar: tqdm) -> None:
    """Give each job to a Python of its own and wait for all; none outlives the call.

    Raises:
        RuntimeError: one failed.
    """
    with ExitStack() as stack:
        errors = [stack.enter_context(tempfile.TemporaryFile("w+")) for _ in jobs]
        running = [_start(job, error) for job, error in zip(jobs, errors, strict=True)]
        for process in running:
            stack.callback(process.kill)
        while any(process.poll() is None for process in running):
            time.sleep(POLL_SECONDS)
            if fresh := sum(map(cache.has, missing)) - bar.n:
                bar.update(fresh)
            _check(running, errors)
        _check(running, errors)


def _start(job: dict[str, Any], error: IO[str]) -> subprocess.Popen[str]:
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PACKAGE_PARENT), environment.get("PYTHONPATH")]))
    command = [sys.executable, "-c", WORKER]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=error, text=True, env=environment)
    assert process.stdin is not None
    process.stdin.write(json.dumps(job))
    process.stdin.close()
    return process


def _check(running: Sequence[subprocess.Popen[str]], errors: Sequence[IO[str]]) -> None:
    """Stop as soon as a worker has failed."""
    for process, error in zip(running, errors, strict=True):
        if process.poll():
            error.seek(0)
            said = error.read().strip().splitlines()[-1:] or [f"exit status {process.returncode}"]
            raise RuntimeError(f"a process that makes clips failed ({said[0]}); prepare with processes=1 to see all")


def clips_of(corpus: SyntheticCorpus, indices: Sequence[int]) -> Iterator[Clip]:
    """Clips one after another, a person's together, without holding all of them."""
    for group in of_one_actor(corpus.config, indices):
        yield from corpus.clips(group)
