"""One module a command: its options, and what it does with the rooms below. Heavy imports wait until a command runs."""

from thlab.doors import claims, clean, datasets, doctor, landmarks, prepare, publish, samples, systems, talk, train

DOORS = {
    "talk": talk, "prepare": prepare, "clean": clean, "train": train, "claims": claims, "systems": systems,
    "samples": samples, "datasets": datasets, "landmarks": landmarks, "publish": publish, "doctor": doctor,
}  # fmt: skip
