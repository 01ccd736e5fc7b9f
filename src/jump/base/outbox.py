"""Effects: what one engine causes in another, after the cause is safely committed.

A step, an accepted form or an outcome names effects in its package. ``after_commit`` writes one task row inside the
causing transaction, so cause and task commit or vanish together. The task runs its calls in order in ONE transaction
of its own and marks itself done in it: a crash leaves nothing half-done, and the next start takes it up again. Calls
carry keys made from the cause, so repeating one does nothing. ``wiring`` alone knows which function a name means.

Dates and decimals in facts and arguments travel as ISO text; an effect function turns them back.
"""

import datetime
import json
import logging
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import close_old_connections, connection, transaction
from django.db.models import QuerySet
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from jump.base import clock, regular
from jump.base.actors import Actor, can, system_actor
from jump.base.db import is_sqlite, write_transaction
from jump.base.prepared import Prepared
from jump.base.refusals import Refusal
from jump.core import expressions
from jump.core.units import Ref

logger = logging.getLogger(__name__)

READY, RUNNING, DONE, FAILED = "READY", "RUNNING", "SUCCESSFUL", "FAILED"
ORPHANED_AFTER = datetime.timedelta(minutes=15)  # our default: a running task older than this is taken up again
POLL_SECONDS = 0.5
BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an effect happens. ``key`` is unique for the call and, with ``for_each``, for the item."""

    key: str
    ref: Ref | None
    actor: Actor
    on: datetime.date
    answer_to: str = ""


@dataclass(frozen=True, slots=True)
class EffectCall:
    """One effect to cause. Arguments that begin with "$" are looked up in the facts and in earlier results.

    `for_each` names a list: the call happens for each of its items, `$item`. `when` is a condition over the facts, and
    over the item. Of what may be changed later (see `consequences`), `each_by` tells one item from another, and a call
    that `repeat`s happens again with every change.
    """

    effect: str
    args: Mapping[str, Any] = field(default_factory=dict)
    bind: str = ""
    for_each: str = ""
    when: str = ""
    each_by: str = ""
    repeat: bool = False

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "EffectCall":
        """Read one entry of a package's list of effects: effect, with, bind, for_each, when, each_by."""
        return cls(
            effect=str(data["effect"]),
            args=dict(data.get("with") or {}),
            bind=str(data.get("bind") or ""),
            for_each=str(data.get("for_each") or ""),
            when=str(data.get("when") or ""),
            each_by=str(data.get("each_by") or ""),
        )


class LookUpFailed(Refusal):
    """A declared argument names a fact that is not there."""

    code = "base.effect_look_up"
    message = "The effect %(effect)s asks for %(name)s, which is not among the facts."
    what_to_do = "Correct the package: the name must be an answer, a fact or the result of an earlier effect."


Effect: TypeAlias = Callable[..., Mapping[str, Any] | None]
AnswerHandler: TypeAlias = Callable[..., None]

_offered: dict[str, Effect] = {}
_answer_handlers: list[AnswerHandler] = []
_mine = threading.local()
_wake = threading.Event()


def offer(name: str, function: Effect) -> None:
    """Make an effect known by name. Called by wiring alone."""
    _offered[name] = function


def offered() -> frozenset[str]:
    """The names of all effects that some engine offers."""
    return frozenset(_offered)


def in_steps(function: Effect) -> Effect:
    """Say that an effect takes long: in the background it runs outside of any transaction and commits its own steps.

    A process that is killed leaves the steps that were committed; the effect is taken up again from the beginning and
    has to find them done.
    """
    function.is_in_steps = True  # type: ignore[attr-defined]
    return function


def on_answer(function: AnswerHandler) -> None:
    """Who brings answers back to those that wait: ``function(answer_to, outcome=, result=, code=, facts=, cause=)``."""
    _answer_handlers[:] = [function]


def after_commit(
    calls: Sequence[EffectCall],
    *,
    key: str,
    actor: Actor,
    on: datetime.date,
    ref: Ref | None = None,
    facts: Mapping[str, Any] | None = None,
    answer_to: str = "",
    once: bool = False,
) -> None:
    """Cause these effects once the current transaction is committed.

    Must be called inside a ``write_transaction``. With ``once``, nothing is added while a task with the same key is
    still waiting, and no request waits for it: work such as recomputing, that one run settles for all who asked.
    """
    assert connection.in_atomic_block, "after_commit belongs inside a write_transaction"
    if once:
        if _asked_already(key).first() is not None:
            return
    payload = {
        "key": key,
        "ref": ref,
        "actor": actor.key,
        "user_id": actor.user_id,
        "who": actor.name,
        "on": on,
        "answer_to": answer_to,
        "facts": facts or {},
        "calls": [
            {
                "effect": call.effect,
                "with": dict(call.args),
                "bind": call.bind,
                "for_each": call.for_each,
                "when": call.when,
            }
            for call in calls
        ],
    }
    plain = json.loads(json.dumps(payload, cls=DjangoJSONEncoder))
    if once:
        perform.using(queue_name=BACKGROUND).enqueue(**plain)
    else:
        _own().append(perform.enqueue(**plain).id)
    _wake.set()


@lru_cache(maxsize=64)
def _asked_already(key: str) -> Prepared[tuple[Any]]:
    waiting = DBTaskResult.objects.filter(queue_name=BACKGROUND, status=READY)
    return Prepared(lambda: waiting.filter(args_kwargs__kwargs__key=key).order_by().values_list("pk")[:1])


@contextmanager
def only_tried() -> Iterator[None]:
    """Inside this block whatever is done and caused is undone at its end: for a look at what something would become.

    Waits for the writer, as every change does, and keeps it as long as the block runs.
    """
    before = list(_own())
    try:
        with write_transaction():
            try:
                yield
            finally:
                transaction.set_rollback(True)
    finally:
        _own()[:] = before


def _own() -> list[str]:
    if not hasattr(_mine, "ids"):
        _mine.ids = []
    ids: list[str] = _mine.ids
    return ids


@task()
def perform(
    *,
    key: str,
    ref: str | None,
    actor: str,
    user_id: int | None,
    who: str,
    on: str,
    answer_to: str,
    facts: dict[str, Any],
    calls: list[dict[str, Any]],
) -> None:
    """Run the calls of one cause in order. Runs inside the transaction that also marks the task as done."""
    doer = Actor(user_id=user_id, name=who, is_system=True) if user_id is not None else system_actor(who)
    day = datetime.date.fromisoformat(on)
    known: dict[str, Any] = {**facts, "on": on, "ref": ref}
    result: Mapping[str, Any] = {}
    for position, data in enumerate(calls):
        call = EffectCall.from_data(data)
        function = effect(call.effect)
        for number, item in enumerate(items_of(call, known)):
            at_hand = {**known, "item": item} if call.for_each else known
            if not applies(call, at_hand):
                continue
            cause = Cause(f"{key}#{position}#{number}", Ref(ref) if ref else None, doer, day, answer_to)
            result = function(cause, **arguments(call, at_hand)) or {}
            if call.bind and not call.for_each:
                known[call.bind] = dict(result)
    if answer_to:
        _answer(
            answer_to,
            "done",
            dict(result),
            "",
            {},
            Cause(key, Ref(ref) if ref else None, doer, day, answer_to),
        )


class UnknownEffect(Refusal):
    """A package names an effect that no engine offers."""

    code = "base.effect_unknown"
    message = "No engine offers the effect %(effect)s."
    what_to_do = "Check the name in the package with `jump check`."


def effect(name: str) -> Effect:
    """The function that an effect's name means. Raises UnknownEffect."""
    function = _offered.get(name)
    if function is None:
        raise UnknownEffect(effect=name)
    return function


def items_of(call: EffectCall, facts: Mapping[str, Any]) -> Sequence[Any]:
    """What a call happens for: the items of its list, none where it has no answer, or once."""
    if not call.for_each:
        return [None]
    found = resolve(call.for_each, facts, effect=call.effect)
    return [] if found is None else found if isinstance(found, list) else [found]


def applies(call: EffectCall, facts: Mapping[str, Any]) -> bool:
    """Whether the condition of a call holds; one that speaks of an item waits for the item."""
    if not call.when or (call.for_each and "item" not in facts and _speaks_of_item(call.when)):
        return True
    try:
        return expressions.parse(call.when).holds(facts)
    except (expressions.MissingName, expressions.NotKnown):
        return False  # a condition on what was not answered does not hold


def _speaks_of_item(condition: str) -> bool:
    return any(name.partition(".")[0] == "item" for name in expressions.parse(condition).names)


def arguments(call: EffectCall, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call, looked up."""
    return {name: resolve(value, facts, effect=call.effect) for name, value in call.args.items()}


def resolve(value: Any, facts: Mapping[str, Any], *, effect: str) -> Any:
    """Replace "$a.b" by what stands in the facts; "$?a.b" may be missing and is then None."""
    if isinstance(value, Mapping):
        return {name: resolve(inner, facts, effect=effect) for name, inner in value.items()}
    if isinstance(value, list):
        return [resolve(inner, facts, effect=effect) for inner in value]
    if not isinstance(value, str) or not value.startswith("$"):
        return value
    optional = value.startswith("$?")
    name = value[2:] if optional else value[1:]
    found: Any = facts
    for part in name.split("."):
        if isinstance(found, Mapping) and part in found:
            found = found[part]
        elif optional:
            return None
        else:
            raise LookUpFailed(effect=effect, name=value)
    return found


def _answer(
    answer_to: str, outcome: str, result: Mapping[str, Any], code: str, facts: Mapping[str, Any], cause: Cause
) -> None:
    for handler in _answer_handlers:
        handler(answer_to, outcome=outcome, result=result, code=code, facts=facts, cause=cause)


# Running the tasks ----------------------------------------------------------------------------------


def run_pending_of_this_request() -> int:
    """Run what this thread has caused, and what that caused in turn, so that the next page shows it."""
    ran = 0
    while _own():
        ids = list(_own())
        _own().clear()
        for task_id in ids:
            ran += _run_one(task_id)
    return ran


def drain(limit: int | None = None, *, background: bool = True) -> int:
    """Run everything that waits, here and now; returns how many tasks ran. For the loader, tests and the worker.

    What a request would not wait for comes last; without ``background`` it stays.
    """
    _own().clear()
    ran = 0
    while limit is None or ran < limit:
        waiting = DBTaskResult.objects.ready().order_by("-priority", "enqueued_at")
        ids = list(waiting.exclude(queue_name=BACKGROUND).values_list("id", flat=True)[:200])
        if not ids and background:
            ids = list(waiting.values_list("id", flat=True)[:1])
        if not ids:
            break
        for task_id in ids:
            ran += _run_one(task_id)
        _own().clear()
    return ran


def _take(task_id: Any) -> "DBTaskResult[Any, Any] | None":
    """The task, if it still waits; locked until the transaction ends, so that nobody else runs it."""
    return _READY.first(task_id if isinstance(task_id, UUID) else UUID(str(task_id)))


def _ready(task_id: Any) -> "QuerySet[DBTaskResult[Any, Any]]":
    rows = DBTaskResult.objects.filter(pk=task_id, status=READY).order_by()
    return rows if is_sqlite() else rows.select_for_update(skip_locked=True)


_READY = Prepared(_ready)
_DONE = (
    f"UPDATE {DBTaskResult._meta.db_table} "
    "SET status = %s, started_at = %s, finished_at = %s, worker_ids = %s, traceback = '' WHERE id = %s"
)


def _commits_its_own_steps(row: "DBTaskResult[Any, Any]") -> bool:
    calls = row.args_kwargs["kwargs"].get("calls", ())
    return any(getattr(_offered.get(call["effect"]), "is_in_steps", False) for call in calls)


def _do(row: "DBTaskResult[Any, Any]", started_at: datetime.datetime) -> int:
    """Do it and say so, in the transaction of the caller; what commits its own steps says so in one of its own."""
    row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
    with nullcontext() if connection.in_atomic_block else write_transaction():
        when = connection.ops.adapt_datetimefield_value
        number = DBTaskResult._meta.pk.get_db_prep_value(row.pk, connection)
        with connection.cursor() as cursor:  # every form writes one: see audit.record
            cursor.execute(_DONE, [DONE, when(started_at), when(clock.now()), json.dumps(["jump"]), number])
    return 1


def _run_one(task_id: Any) -> int:
    """Take a task and do it. What runs long says first that it runs: whoever asks for it from then on asks anew."""
    started_at = clock.now()
    row = None
    try:
        with write_transaction():
            row = _take(task_id)
            if row is None:
                return 0
            if row.queue_name != BACKGROUND:
                return _do(row, started_at)
            row.claim("jump")
        if _commits_its_own_steps(row):
            return _do(row, started_at)
        with write_transaction():
            return _do(row, started_at)
    except Refusal as refusal:
        if row is None:
            raise
        _record_failure(row, refusal.code, refusal.sentence(), refusal.as_problem()["facts"])
    except Exception as error:
        if row is None:
            raise
        logger.exception("effect failed: %s", row.args_kwargs["kwargs"].get("key"))
        _record_failure(
            row,
            "base.effect_failed",
            f"{type(error).__name__}: {error}",
            {"trace": traceback.format_exc(limit=8)},
        )
    return 1


def _record_failure(row: "DBTaskResult[Any, Any]", code: str, message: str, facts: Mapping[str, Any]) -> None:
    from jump.base.models import OutboxFailure

    kwargs = row.args_kwargs["kwargs"]
    with write_transaction():
        undone = DBTaskResult.objects.filter(pk=row.pk, status__in=(READY, RUNNING))
        if not undone.update(status=FAILED, finished_at=clock.now(), traceback=message):
            return  # somebody else took it up in the meantime and dealt with it
        if "key" not in kwargs:  # a task of another package, not an effect of ours
            return
        names = ", ".join(call["effect"] for call in kwargs["calls"])
        OutboxFailure.objects.update_or_create(
            key=kwargs["key"][:250],
            defaults={
                "effect": names[:80],
                "about": kwargs.get("ref") or "",
                "code": code,
                "message": message,
                "facts": dict(facts),
                "at": clock.now(),
                # Whoever waits for the answer deals with the refusal and shows it; nobody else needs to.
                "settled_at": clock.now() if kwargs.get("answer_to") else None,
            },
        )
        if kwargs.get("answer_to"):
            day = datetime.date.fromisoformat(kwargs["on"])
            cause = Cause(
                kwargs["key"],
                Ref(kwargs["ref"]) if kwargs.get("ref") else None,
                system_actor(kwargs["who"]),
                day,
            )
            _answer(kwargs["answer_to"], "refused", {}, code, facts, cause)


def try_again(key: str) -> int:
    """Run a refused or failed effect once more; its failure row is settled if it now succeeds."""
    from jump.base.models import OutboxFailure

    row = DBTaskResult.objects.filter(status=FAILED, args_kwargs__kwargs__key=key).order_by("-enqueued_at").first()
    if row is None:
        return 0
    with write_transaction():
        DBTaskResult.objects.filter(pk=row.pk).update(status=READY)
        OutboxFailure.objects.filter(key=key).update(settled_at=clock.now())
    return _run_one(row.pk)


@dataclass(frozen=True, slots=True)
class Failure:
    """An effect that was refused or failed and still waits for somebody."""

    key: str
    effect: str
    about: str
    code: str
    message: str
    at: datetime.datetime


def failures(actor: Actor, limit: int = 50) -> list[Failure]:
    """The unsettled failures, newest first, for those who may mend them (packages or open cases)."""
    from jump.base.models import OutboxFailure

    if not (can(actor, "cases.open") or can(actor, "base.packages")):
        return []
    rows = OutboxFailure.objects.filter(settled_at__isnull=True).order_by("-at")[:limit]
    return [Failure(row.key, row.effect, row.about, row.code, row.message, row.at) for row in rows]


def take_up_orphans(older_than: datetime.timedelta = ORPHANED_AFTER) -> int:
    """Tasks that a killed process left running wait again. On SQLite's start every running one is an orphan."""
    with write_transaction():
        rows = DBTaskResult.objects.filter(status=RUNNING)
        if not is_sqlite():
            rows = rows.filter(started_at__lt=clock.now() - older_than)
        return int(rows.update(status=READY))


def work_for_ever(stop: threading.Event | None = None) -> None:
    """The worker: looks for waiting tasks until told to stop, and does what is due when none waits.

    A thread of the server on SQLite, else a process.
    """
    take_up_orphans()
    regular.forget()
    while stop is None or not stop.is_set():
        close_old_connections()
        try:
            ran = drain(limit=200) or len(regular.run_due())
        except Exception:
            logger.exception("worker could not look for tasks")
            ran = 0
        if not ran:
            _wake.wait(POLL_SECONDS)
            _wake.clear()


_worker: list[threading.Thread] = []


def start_worker_thread() -> None:
    """Start the one worker thread of this serving process, where the database is SQLite."""
    if is_sqlite() and not _worker:
        thread = threading.Thread(target=work_for_ever, name="jump-worker", daemon=True)
        _worker.append(thread)
        thread.start()
