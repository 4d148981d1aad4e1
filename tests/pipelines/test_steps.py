"""The order of the steps, as the one table states it."""

from importlib import import_module

from pipelines import STEPS


def test_the_steps_in_their_order():
    """A look is cleaned, dated, judged and written, in this order, each by a class that is there."""
    found = [getattr(import_module(path), name) for path, _, name in (step.rpartition(".") for step in STEPS)]

    assert [step.__name__ for step in found] == ["Clean", "Dates", "Judge", "Export"]
    assert all(callable(step.process_item) for step in found)
    assert sorted(STEPS, key=STEPS.get) == list(STEPS)
    assert len(set(STEPS.values())) == len(STEPS)
