"""Procedures as data, gatherings, tasks."""
