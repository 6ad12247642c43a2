"""One module a command: its options, and what it does with the rooms below. Heavy imports wait until a command runs."""

from thlab.doors import claims, doctor, publish, samples, systems, talk, train

DOORS = {
    "talk": talk, "train": train, "claims": claims, "systems": systems, "samples": samples, "publish": publish,
    "doctor": doctor,
}  # fmt: skip
