"""The example by which the rules of boards are explained is true."""

import doctest

from forum.boards import rules


def test_the_example_of_the_rules_runs():
    ran = doctest.testmod(rules)
    assert (ran.failed, ran.attempted > 5) == (0, True)
