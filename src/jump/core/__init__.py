"""Pure rules: functions over frozen values. No framework, no clock, no database, no settings.

Everything here can be used from a notebook: `from jump.core import schedules, jobs, scoring`.
"Today" and the random seed are always arguments.
"""
