"""Tests of how staff sign in, and of what keeps the site out of the wrong hands."""
