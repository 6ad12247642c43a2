"""What actors say: a grammar of 36 million English sentences, numbered, each a different one.

Words are chosen for their lips: every kind of mouth shape comes often, bilabials and rounded vowels above all. The
texts are ours, so that nothing about them needs a licence.
"""

from __future__ import annotations

from math import prod

SUBJECTS = (
    "my brother", "the baker", "our old teacher", "a famous painter", "the woman next door", "your uncle",
    "the farmer", "a young doctor", "the boy in blue", "her mother", "the first mate", "some visitor",
    "a poor juggler", "the choir", "this beekeeper", "the new pilot", "my good friend", "the shepherd",
    "a quiet judge", "the barber", "their cousin", "a thirsty runner", "the mayor of the town",
    "one of the thieves", "the zookeeper", "a foolish king", "the plumber", "his wife", "everybody", "the weaver",
)  # fmt: skip
VERBS = (
    "moved", "bought", "found", "washed", "pushed", "carried", "dropped", "painted", "borrowed", "threw away",
    "photographed", "measured", "brought back", "showed us", "wrapped up", "forgot", "used", "polished", "chose",
    "weighed", "looked for", "sold", "put away", "gave me", "fixed", "lifted", "hid", "wanted", "packed", "kept",
)  # fmt: skip
ADJECTIVES = (
    "blue", "huge", "broken", "purple", "smooth", "heavy", "beautiful", "warm", "thin", "wooden", "yellow", "cheap",
    "empty", "fragile", "white", "dusty", "oval", "round", "missing", "shiny", "marvellous", "battered",
    "five thick", "two brown", "both green", "the other", "such a big", "that famous", "many small", "a few",
)  # fmt: skip
NOUNS = (
    "boat", "umbrella", "basket", "map", "pump", "shoe", "bowl", "violin", "chair", "vase", "book", "drum", "box",
    "watch", "mirror", "pillow", "feather", "lamp", "wheel", "ball of wool", "jar of honey", "piece of cheese",
    "loaf of bread", "bottle of juice", "cup of soup", "pair of gloves", "bunch of roses", "sheet of paper",
    "bag of apples", "moon rock",
)  # fmt: skip
ENDINGS = (
    "before lunch", "in the morning", "on a Thursday", "by the window", "without a word", "at the market",
    "for his mother", "under the bridge", "after the show", "in bad weather", "with both hands",
    "from the top shelf", "above the river", "all by myself", "behind the museum", "as a joke", "in the usual way",
    "for five years", "during the play", "beside the pool", "off the roof", "on the beach", "with a smile",
    "in my bathroom", "once again", "so very slowly", "near the harbour", "before we could move", "while it rained",
    "at half past two",
)  # fmt: skip
OPENINGS = (
    "Believe me", "On Monday", "Of course", "By the way", "To be fair", "Last summer", "In April", "Oh no",
    "As you know", "Well", "Every February", "For me", "You see", "Before dawn", "Most of the time",
)  # fmt: skip

PARTS = (SUBJECTS, VERBS, ADJECTIVES, NOUNS, (*ENDINGS, *OPENINGS))
SENTENCES = prod(map(len, PARTS))
"""How many different sentences there are."""
STRIDE = 22_526_873
"""Steps through the grammar, about a golden section of it; it shares no divisor with it, so that each is met once."""
ROUNDS = 3
"""How often numbers are scrambled before they choose words."""

SPLITS = ("train", "validation", "test")
TENTHS = ("train",) * 8 + ("validation", "test")
"""The split of the numbers that end in 0, 1, … 9."""


def sentence(number: int) -> str:
    """The sentence with this number, from 0; each number has its own until ``SENTENCES``, where they begin again."""
    subject, verb, adjective, noun, frame = _choice(number)
    clause = f"{subject} {verb} {_noun_phrase(adjective, noun)}"
    return f"{frame}, {clause}." if frame in OPENINGS else f"{clause[0].upper()}{clause[1:]} {frame}."


def _choice(number: int) -> list[str]:
    """A word of each part."""
    for _ in range(ROUNDS):
        number = _scrambled(number)
    return [part[digit] for part, digit in zip(PARTS, _digits(number), strict=True)]


def _digits(number: int) -> list[int]:
    """A number in the mixed base of the parts, the lowest digit first."""
    digits = []
    for part in PARTS:
        number, digit = divmod(number, len(part))
        digits.append(digit)
    return digits


def _scrambled(number: int) -> int:
    """One number for each: a stride, then every digit turned on by the higher ones.

    Without it, numbers of one split (which end in the same decimal) would use only a few of the 30 subjects.
    """
    digits = _digits(number * STRIDE % SENTENCES)
    value = 0
    for place in reversed(range(len(PARTS))):
        value = value * len(PARTS[place]) + sum(digits[place:]) % len(PARTS[place])
    return value


def _noun_phrase(adjective: str, noun: str) -> str:
    """With its article, or in the plural after a number."""
    first = adjective.split()[0]
    if first in {"five", "two", "both", "many", "a"}:
        return f"{adjective} {_plural(noun)}"
    return f"{adjective} {noun}" if first in {"the", "such", "that"} else f"the {adjective} {noun}"


def _plural(noun: str) -> str:
    head, *rest = noun.split(" of ")
    ending = "es" if head.endswith(("x", "ch", "sh", "s")) else "s"
    return " of ".join(["loaves" if head == "loaf" else head + ending, *rest])


def split_of_sentence(number: int) -> str:
    """The split that a sentence belongs to: of ten numbers in a row eight train, one validates, one tests."""
    return TENTHS[number % 10]


def split_of_person(seed: int) -> str:
    """The split that a person belongs to, by the same rule as for sentences."""
    return TENTHS[seed % 10]


def nth_of_split(split: str, index: int) -> int:
    """The number of the ``index``-th person or sentence of a split, from 0.

    Raises:
        ValueError: no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"no split is called {split!r}; choose one of {', '.join(SPLITS)}")
    digits = [digit for digit, name in enumerate(TENTHS) if name == split]
    tens, place = divmod(index, len(digits))
    return 10 * tens + digits[place]
