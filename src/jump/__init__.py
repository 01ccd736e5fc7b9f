"""JUMP: from a community's letter of interest to decent jobs that can be shown to exist."""

__version__ = "0.1.0"
