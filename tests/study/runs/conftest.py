"""What the tests of runs share."""

from __future__ import annotations

import pytest

from ccdni_lib.engine.training.ensemble import Ensemble


@pytest.fixture
def epochs_trained(monkeypatch):
    """Counts epochs, of all ensembles together."""
    train, begun = Ensemble.train, []

    def counted(self):
        begun.append(self.epoch)
        return train(self)

    monkeypatch.setattr(Ensemble, "train", counted)
    return begun
