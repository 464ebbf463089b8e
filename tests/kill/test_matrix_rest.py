"""kill -9 of everything, at every moment of a sync: nothing is lost, nothing is written twice.

The second half of the rounds (tests/kill/rounds.py).
"""

from collections.abc import Callable

import pytest

from tests.kill.installation import Installation
from tests.kill.rounds import ROUNDS, carry_out_round, scene

__all__ = ["scene"]


@pytest.mark.kill
@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", range(ROUNDS // 2, ROUNDS))
def test_nothing_is_lost_or_written_twice(
    number: int, scene: Installation, seed: int, tell: Callable[[str], None]
) -> None:
    carry_out_round(number, scene, seed, tell)
