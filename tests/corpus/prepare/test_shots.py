from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from thlab.corpus.prepare.shots import GAP, LONGEST, NEAR_A_CUT, SHORTEST, bridged, cut_into_pieces, find_shots


def seen(frames: int, *lost: tuple[int, int]) -> np.ndarray:
    found = np.ones(frames, bool)
    for start, stop in lost:
        found[start:stop] = False
    return found


def never(frames: int) -> np.ndarray:
    return np.zeros(frames, bool)


def test_a_face_that_is_lost_for_a_moment_does_not_end_the_shot():
    found = seen(100, (40, 40 + GAP))
    assert find_shots(found, [], never(100)) == [(0, 100)]


def test_a_face_that_is_lost_for_longer_does():
    found = seen(100, (40, 41 + GAP))
    assert find_shots(found, [], never(100)) == [(0, 40), (41 + GAP, 100)]


def test_nothing_is_bridged_before_the_first_and_after_the_last_face():
    found = seen(20, (0, 2), (18, 20))
    assert (bridged(found) == found).all()


def test_shots_keep_away_from_cuts():
    assert find_shots(seen(100), [60], never(100)) == [(0, 60 - NEAR_A_CUT), (60 + NEAR_A_CUT, 100)]


def test_a_face_that_jumps_is_a_cut_too():
    anew = never(100)
    anew[[0, 30]] = True  # the first face of all is no jump
    assert find_shots(seen(100), [], anew) == [(0, 30 - NEAR_A_CUT), (30 + NEAR_A_CUT, 100)]


def test_a_face_that_comes_back_at_its_place_is_no_jump():
    anew = never(100)
    anew[43] = True
    assert find_shots(seen(100, (40, 43)), [], anew) == [(0, 100)]


@pytest.mark.parametrize("test_from", [0, 13, 500, 701, 1000])
def test_pieces_cover_their_shots_and_none_reaches_into_the_test(test_from: int):
    pieces = cut_into_pieces([(0, 1000)], test_from=test_from)
    edges = [(piece.start, piece.stop) for piece in pieces]
    assert all(before[1] == after[0] for before, after in pairwise(edges))
    assert all(SHORTEST <= len(piece) <= LONGEST for piece in pieces)
    assert all((piece.split == "test") == (piece.start >= test_from) for piece in pieces)
    assert all(piece.stop <= test_from for piece in pieces if piece.split == "train")
    assert 1000 - sum(map(len, pieces)) < SHORTEST


def test_pieces_have_different_names_that_sort_by_time():
    pieces = cut_into_pieces([(0, 900), (910, 2000)], test_from=1500)
    names = [piece.name for piece in pieces]
    assert sorted(set(names)) == names


def test_what_is_shorter_than_a_second_is_dropped():
    assert cut_into_pieces([(0, SHORTEST - 1), (100, 100 + SHORTEST)], test_from=1000) == cut_into_pieces(
        [(50, 50), (100, 100 + SHORTEST)], test_from=1000
    )
