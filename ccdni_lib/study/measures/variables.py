"""The names of all that is measured while networks train and afterwards; a result has some of them."""

from __future__ import annotations

from ...tasks.variables import VARIABLES

FEEDFORWARD_VARIABLES = {  # of spatial and of forward DNI: what each is, and its unit
    "train_error": ("training cross-entropy", "nat"),
    "seed": ("seed of the network", "1"),
    "accuracy": ("share of held-out images that are recognised", "1"),
    "alignment": ("cosine of predicted with true feedback", "1"),
    "misfit": ("squared distance of predicted from true feedback, over the latter's squared length", "1"),
    "feedback": ("root mean square of the true feedback", "nat"),
    "readable": ("share of held-out images that a fresh linear readout of the layer recognises", "1"),
    "prediction_error": ("squared distance of the prediction from the predicted layer, per unit", "1"),
    "explained": ("share of the variance of the predicted layer that the prediction explains", "1"),
    "bypass_accuracy": ("share of held-out images that are recognised by the prediction", "1"),
    "activity": ("mean absolute activity", "1"),
    "mean_correlation": ("mean |r| over all pairs", "1"),
    "spread_correlation": ("variance of |r| over all pairs", "1"),
    "strongest": ("mean |r| of the most correlated pairs", "1"),
    "matched": ("mean r of each nucleus with the unit that it predicts", "1"),
    "corner": ("r of the first nuclei and units of the first network", "1"),
    "batch": ("batches learned before", "1"),
    "step": ("batch", "1"),
    "layer": ("hidden layer, from the input on", "1"),
}
MEASURED = {*VARIABLES, *FEEDFORWARD_VARIABLES, "validation_accuracy", "test_accuracy"}
