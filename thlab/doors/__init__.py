"""One module a command: its options, and what it does with the rooms below. Heavy imports wait until a command runs."""

from thlab.doors import doctor, samples, talk, train

DOORS = {"talk": talk, "train": train, "samples": samples, "doctor": doctor}
