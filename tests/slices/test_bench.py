"""The bench cannot rot: one of its figures runs here with tiny counts."""

from pathlib import Path

import pytest

from tests.bench import growth
from tests.bench.figures import TINY, thread_page_cold, thread_page_warm
from tests.bench.seeds import site


def test_the_bench_gives_a_figure_with_its_ratio_and_what_it_is_against(tmp_path: Path) -> None:
    with site(tmp_path) as copy:
        (warm,) = thread_page_warm(copy, TINY)
        (cold,) = thread_page_cold(copy, TINY)
    assert warm["figure"] == "thread_page_warm"
    assert warm["bytes"] > 50_000
    assert warm["ratio"] >= 0  # the kernel counts in hundredths of a second: of few requests it may see none
    assert len(warm["runs"]) == TINY.turns
    assert cold["unit"] == "ms CPU a view"


def test_the_figures_of_what_grows_name_their_goal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "LONG", 300)
    monkeypatch.setattr(growth, "THREADS", 20)
    with site(tmp_path) as copy:
        (long,) = growth.thread_10000_posts(copy, TINY)
        (board,) = growth.board_page(copy, TINY)
    assert (long["figure"], board["figure"]) == ("thread_10000_posts", "board_page")
    assert len(long["runs"]["long"]) == TINY.turns
    assert "goal" in long["against"]
    assert "goal 5" in board["against"]
