"""Rounds of kills: kill -9 of everything, at every moment of a sync.

An installation under the real `up` starts again what dies. Two accounts archive a channel each, in
batches of one page: a whole history first, then all of it again while its messages are edited,
deleted and counted. The rounds are shared out between two files, so that two processes can do them.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from tests.kill.attack import Attack
from tests.kill.conftest import Installer
from tests.kill.installation import Installation
from tests.kill.moments import Phase, Target
from tests.kill.subject import Subject

ROUNDS: Final = 4
KILLS: Final = 11
#: Ids of each channel: a request brings a hundred, so each sync commits more often than that.
IDS: Final = 11_500
#: Messages of a batch: less than a page, so nearly every page is one.
BATCH: Final = 20
#: Seconds that Telegram takes for an answer.
DELAY: Final = 0.15
#: What is asked for again after a kill: the batch being written, the batch being fetched.
MOST_ASKED_AGAIN: Final = 2

Strike = tuple[Target, Phase]


def strikes_of(number: int, rng: random.Random) -> list[Strike]:
    """The kills of a round, in their order. The rounds together have every target in every
    phase; each has every phase.
    """
    steered = [phase for phase in Phase if phase is not Phase.ANYWHEN]
    planned: list[Strike] = [
        (target, phase)
        for i, target in enumerate(Target)
        for j, phase in enumerate(steered)
        if (i + j) % ROUNDS == number
    ]
    targets = rng.choices(list(Target), weights=[6, 1, 1, 2, 1], k=KILLS - len(planned))
    phases = rng.choices(list(Phase), weights=[2, 2, 2, 0, 0, 3], k=KILLS - len(planned))
    planned += zip(targets, phases, strict=True)
    rng.shuffle(planned)
    return planned


@pytest.fixture(scope="module")
def scene(installer: Installer, seed: int) -> Installation:
    """What the rounds of a file have in common."""
    return installer(
        world={"channels": 2, "messages": IDS, "seed": seed % 1000},
        TGADMIN_BATCH_SIZE=str(BATCH),
        TGADMIN_SLICE_SECONDS="6",
    )


def carry_out_round(
    number: int, place: Installation, seed: int, tell: Callable[[str], None]
) -> None:
    """One round, from an empty archive on, and its verdict."""
    rng = random.Random(f"{seed}:{number}")
    place.begin_anew()
    place.sandbox.pace(delay=DELAY)
    attack = Attack(place, list(subjects_of(place, rng)), rng, DELAY)
    strikes = strikes_of(number, rng)
    try:
        carry_out(attack, strikes, flush_before=rng.randrange(2, KILLS - 1))
        finish(attack)
        for subject in attack.subjects:
            subject.check()
        judge(attack, strikes, tell)
    except BaseException:
        print(attack.tale())
        for subject in attack.subjects:
            print(subject.describe())
        print(place.logs())
        raise


def judge(attack: Attack, strikes: list[Strike], tell: Callable[[str], None]) -> None:
    """Every kill was one in its phase, little was asked for again, and everything is there."""
    again = [count for subject in attack.subjects for count in subject.asked_again(BATCH)]
    phases = Counter(phase for _, phase in attack.kills.elements())
    most = max(seconds for _, seconds in attack.resumed)
    tell(
        f"{attack.kills.total()} kills ({', '.join(f'{n} {p}' for p, n in phases.items())}); "
        f"at most {max(again)} batches asked for again (all: {sorted(again)}); "
        f"work resumed within {most:.1f} s"
    )
    assert attack.kills.total() >= KILLS
    assert set(strikes) <= set(+attack.kills)
    assert set(phases) >= set(Phase) - {Phase.ANYWHEN}
    assert max(again) <= MOST_ASKED_AGAIN
    assert len(attack.place.slice_workers()) == 2
    assert attack.place.web_answers()
    assert attack.place.valkey_answers()


def subjects_of(place: Installation, rng: random.Random) -> Iterator[Subject]:
    """Two accounts with a channel each, whose first sync has begun."""
    for number in range(2):
        name = f"channel_{number + 1}"
        account = place.connect_account(number)
        subject = Subject(place, account, place.add_channel(account, name), name, rng)
        subject.start_lap(whole=False)
        yield subject


def carry_out(attack: Attack, strikes: list[Strike], *, flush_before: int) -> None:
    """Every kill in its turn, while messages change; Valkey forgets everything before one."""
    for number, (target, phase) in enumerate(strikes):
        if number == flush_before:
            attack.flush()
        for subject in attack.subjects:
            if subject.laps[1:] and subject.name not in attack.recovering:
                subject.live(edits=6, deletions=1, counters=3, posts=1)
        attack.strike(target, phase)
    attack.recover()


def finish(attack: Attack) -> None:
    """Let what has begun end, and read everything once more."""
    attack.place.sandbox.pace(delay=0)
    for subject in attack.subjects:
        subject.finish_lap()
        subject.live(edits=10, deletions=3, counters=10, posts=3)
        subject.start_lap(whole=True)
    for subject in attack.subjects:
        subject.finish_lap()
