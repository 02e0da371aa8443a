"""Spatial and forward DNI in feedforward networks (P21 eq. 1, P20 SM B)."""

from ..measures.smoothing import smooth
from .common import load_images
from .forward import train_forward
from .spatial import train_spatial, watch_spatial
from .sweep import sweep_feedforward

__all__ = ["load_images", "smooth", "sweep_feedforward", "train_forward", "train_spatial", "watch_spatial"]
