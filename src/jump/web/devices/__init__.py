"""Devices of field workers: their settings codes, and what they sent that could not be placed."""
