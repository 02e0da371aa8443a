"""Spatial and forward DNI in feedforward networks (P21 eq. 1, P20 SM B)."""
