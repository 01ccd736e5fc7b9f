"""The example programme: a made-up Phase I, told by calling the same services that pages call.

Everything follows from one seed: names, dates, answers, references. What the story needs to know is in
``programmes/jump/example`` (communities, names, enterprises, texts).
"""

import gc
import random
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

SEED = 2002
TODAY = date(2004, 6, 30)
PASSWORD = "jobs-for-all-2004"
PACKAGES = (
    "jump",
    "jump_cer",
    "revolving_fund",
    "step",
    "seed_fund",
    "conversion",
    "incubation",
    "acopam",
    "labour_contracting",
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A user of the example who can sign in. ``path`` is the node at which the role is held."""

    username: str
    first_name: str
    last_name: str
    role: str
    path: str
    password: str = PASSWORD


SIGN_INS: tuple[SignIn, ...] = (
    SignIn("ana", "Ana", "Mendes", "programme_coordinator", "jump/"),
    SignIn("jose", "José", "Villanueva", "national_coordinator", "jump/asia/PH/"),
    SignIn("liza", "Liza", "Reyes", "extension_worker", "jump/asia/PH/"),
    SignIn("pedro", "Pedro", "Santos", "partner", "jump/asia/PH/"),
    SignIn("grace", "Grace", "Ramos", "fund_manager", "jump/asia/PH/"),
    SignIn("panel1", "Ingrid", "Solberg", "selection_panel", "jump/"),
    SignIn("panel2", "Moses", "Banda", "selection_panel", "jump/"),
    SignIn("panel3", "Chitra", "Nair", "selection_panel", "jump/"),
    SignIn("core", "Teresita", "Cruz", "core_team", "jump/asia/PH/riverside/"),
    SignIn("donor", "Henrik", "Lund", "donor", "jump/"),
    SignIn("admin", "Kofi", "Adjei", "administrator", "jump/"),
)


def example_is_loaded() -> bool:
    """Whether this installation holds the example."""
    from django.contrib.auth import get_user_model

    from jump.base import clock

    if clock.pinned() != TODAY:
        return False
    return get_user_model().objects.filter(username=SIGN_INS[0].username).exists()


def load_example(
    *,
    seed: int = SEED,
    progress: Callable[[str], None] = lambda _words: None,
    countries: Collection[str] | None = None,
) -> None:
    """Load the packages and tell the story. An installation that holds the example already is left as it is.

    ``countries`` are ISO codes: only theirs is told, the programme's own part whole. Without it all nine are.
    """
    from jump.base.refs import deterministic_refs
    from jump.cli.example.story import tell

    if example_is_loaded():
        progress("The example is already here.")
        return
    gc.disable()  # half a million short-lived rows: looking for rings among them costs seconds and finds few
    try:
        with deterministic_refs(seed):
            tell(random.Random(seed), progress, countries)
    finally:
        gc.enable()
