"""Measurements as ratios taken in one run; nothing here is asserted in a test."""
