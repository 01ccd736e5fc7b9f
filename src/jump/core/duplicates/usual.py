"""Weights to begin with, before an installation has people enough to learn from."""

from jump.core.duplicates.weights import Model

# Learnt from 200,000 made-up people (tests/population.py) and rounded, slips of sex, birth and telephone somewhat up;
# doubles and housemates for each record are our default.
USUAL = Model(
    same={
        "given": (0.709, 0.177, 0.0607, 0.0295, 0.0125, 0.0112),
        "family": (0.716, 0.167, 0.0611, 0.0257, 0.0127, 0.0172),
        "sex": (0.995, 0.005),
        "born": (0.82, 0.075, 0.085, 0.01, 0.01),
        "place": (0.888, 0.112),
        "phone": (0.66, 0.01, 0.005, 0.325),
        "name_order": (0.945, 0.0553),
    },
    different={
        "given": (0.00128, 0.000542, 0.00116, 0.000662, 0.0149, 0.981),
        "family": (0.000747, 0.000227, 0.00148, 0.000627, 0.0132, 0.984),
        "sex": (0.5, 0.5),
        "born": (5.25e-05, 0.00148, 0.0175, 0.0127, 0.968),
        "place": (0.000487, 0.999513),
        "phone": (6.92e-06, 6.92e-06, 2.08e-05, 0.999965),
        "name_order": (0.5, 0.5),
    },
    doubles_per_record=0.05,
    housemates_per_record=0.5,
)
