"""The room of procedures: opening a case, moving it along its road, one file for each kind of step."""
