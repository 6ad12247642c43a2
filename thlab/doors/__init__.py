"""One module a command: its options, and what it does with the rooms below. Heavy imports wait until a command runs."""

from thlab.doors import (
    claims,
    clean,
    datasets,
    doctor,
    landmarks,
    opinion,
    prepare,
    publish,
    samples,
    score,
    scorecard,
    systems,
    talk,
    train,
    validate,
)

DOORS = {
    "talk": talk, "prepare": prepare, "clean": clean, "train": train, "claims": claims, "score": score,
    "scorecard": scorecard, "validate": validate, "systems": systems, "samples": samples,
    "datasets": datasets, "landmarks": landmarks, "opinion": opinion, "publish": publish,
    "doctor": doctor,
}  # fmt: skip
