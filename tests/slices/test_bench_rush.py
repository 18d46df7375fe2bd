"""The midnight rush of the bench cannot rot: it is played here by few, and what it would find is planted."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench import capacity, halls, seeds
from tests.bench.crowd import Act
from tests.bench.rush import Crowd, Kept, played, told


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_small_rush_loses_nothing_and_a_step_takes_all(tmp_path: Path, kind: str) -> None:
    with (
        halls.hall(tmp_path, kind, students=12, seconds=2) as here,
        halls.open_doors(here) as server,
    ):
        found = played(here, server, Crowd(12, 2), time.time() + 0.5)
        step = capacity.step(here, server.port, 20, 0.5)
        assert capacity.commits_a_second(here, 5) > 0
    assert (found["people"], found["acknowledged"], found["receipts"]) == (12, 12, 12)
    assert (found["lost"], found["doubled"], found["misjudged"], found["chain_problems"]) == (0, 0, 0, 0)
    assert found["arrival_lag_ms"] > 0
    assert {"page 200", "post 303", "sign_in 303", "after 200"} <= set(found["answers"])
    assert (step.asked, step.refused) == (20, 0)
    assert step.taken > 0


DUE = 1_000.0
ACT = Act("post", 0, DUE - 1, "key-of-0", sent=[DUE - 0.9], statuses=[303], answered=DUE)
KEPT = Kept(0, "key-of-0", seeds.text_of(0), DUE - 0.8, "on_time", "met_on_time")


@pytest.mark.parametrize(
    ("act", "kept", "wrong"),
    [
        (ACT, [KEPT], {}),
        (ACT, [], {"lost": 1}),
        (replace(ACT, statuses=[0]), [KEPT], {}),  # nobody was told that it is there; it may be
        (replace(ACT, statuses=[0]), [], {}),
        (ACT, [replace(KEPT, key="another")], {"lost": 1}),
        (ACT, [replace(KEPT, words="half of")], {"lost": 1}),
        (ACT, [replace(KEPT, files=1)], {"lost": 1}),  # a picture that this one did not send
        (ACT, [replace(KEPT, verdict=None)], {"lost": 1, "misjudged": 1}),
        (ACT, [KEPT, replace(KEPT, key="another")], {"doubled": 1}),
        (ACT, [replace(KEPT, verdict="late")], {"late_wrongly": 1, "misjudged": 1}),
        (ACT, [replace(KEPT, state="met_late")], {"late_wrongly": 1, "misjudged": 1}),
        (ACT, [replace(KEPT, arrived=DUE, verdict="late", state="met_late")], {"late_wrongly": 1}),
        (replace(ACT, sent=[DUE]), [replace(KEPT, arrived=DUE, verdict="late", state="met_late")], {}),
        (ACT, [replace(KEPT, arrived=DUE)], {"misjudged": 1}),
    ],
)
def test_what_went_wrong_is_counted(act: Act, kept: list[Kept], wrong: dict[str, int]) -> None:
    found = told([act], kept, DUE)
    assert {
        name: found[name] for name in ("lost", "doubled", "late_wrongly", "misjudged") if found[name]
    } == wrong


def test_the_lag_is_that_of_the_try_which_was_stamped() -> None:
    act = replace(ACT, sent=[DUE - 9, DUE - 5], statuses=[503, 303])
    assert told([act], [replace(KEPT, arrived=DUE - 8.75)], DUE)["arrival_lag_ms"] == 250.0
    assert told([act], [replace(KEPT, arrived=DUE - 4.5)], DUE)["arrival_lag_ms"] == 500.0
