"""Public datasets, a file each: from the layout in which they are published to ``media.Clip``, lazily.

Nothing here downloads anything. The card of a dataset says how to obtain it and what it may be used for.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from thlab.corpus.public.base import Dataset
from thlab.corpus.public.card import DatasetCard, Obtain, Slip
from thlab.corpus.public.entries import Entry, Problem, Report

__all__ = [
    "DATASETS",
    "Dataset",
    "DatasetCard",
    "Entry",
    "Obtain",
    "Problem",
    "Report",
    "Slip",
    "cards",
    "dataset_card",
    "dataset_class",
    "open_dataset",
]

DATASETS = {
    "grid": "thlab.corpus.public.grid:Grid",
    "crema_d": "thlab.corpus.public.crema_d:CremaD",
    "modality": "thlab.corpus.public.modality:Modality",
    "mead": "thlab.corpus.public.mead:Mead",
    "obama_set": "thlab.corpus.public.obama_set:ObamaSet",
    "lrw": "thlab.corpus.public.lrw:Lrw",
    "lrs2": "thlab.corpus.public.lrs2:Lrs2",
    "lrs3": "thlab.corpus.public.lrs3:Lrs3",
    "voxceleb": "thlab.corpus.public.voxceleb:VoxCeleb",
    "voxceleb2": "thlab.corpus.public.voxceleb2:VoxCeleb2",
    "avspeech": "thlab.corpus.public.avspeech:AVSpeech",
}
"""Name → its class, in the order of the survey's Table 1; imported when it is asked for."""


def dataset_class(name: str) -> type[Dataset]:
    """The class of a dataset.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in DATASETS:
        raise ValueError(f"no dataset is called {name!r}; choose one of {', '.join(DATASETS)}")
    module, _, attribute = DATASETS[name].partition(":")
    return getattr(importlib.import_module(module), attribute)


def dataset_card(name: str) -> DatasetCard:
    """What is known about a dataset without having it.

    Raises:
        ValueError: there is none of that name.
    """
    return dataset_class(name).card


def cards() -> list[DatasetCard]:
    """The cards of all eleven, in the order of the survey's Table 1."""
    return [dataset_card(name) for name in DATASETS]


def open_dataset(name: str, root: Path | str) -> Dataset:
    """Open a dataset that lies in a folder; nothing is decoded and nothing downloaded.

    Args:
        name: one of ``DATASETS``.
        root: the folder that holds what the card's ``layout`` shows.

    Raises:
        ValueError: there is no dataset of that name, or the folder holds something else.

    Chapter 01.
    """
    return dataset_class(name)(root)
