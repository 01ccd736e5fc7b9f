"""The language of conditions: what it answers, what it refuses, and that it always ends."""

import contextlib
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jump.core.expressions import (
    DEPTH_MAX,
    NODES_MAX,
    TEXT_LENGTH_MAX,
    ExpressionError,
    MissingName,
    NotKnown,
    check,
    parse,
)

FACTS = {
    "age": 24,
    "sex": "female",
    "rate": Decimal("0.18"),
    "letter": {"members": {"women": 8, "all": 20}, "note": "", "topics": "credit training"},
    "loans": [{"amount": 100, "late": True}, {"amount": 250, "late": False}],
    "began": date(2026, 1, 31),
    "nothing": None,
    "done": True,
    "indicators": {"7_2_i": {"value": 4}},
}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("age >= 18 and age < 65", True),
        ("18 <= age < 24", False),
        ("sex in ['female', 'male']", True),
        ("sex not in ['male']", True),
        ("'credit' in letter.topics", True),
        ("'cred' in letter.topics", False),
        ("share(letter.members.women, letter.members.all) >= 0.4", True),
        ("letter.members.women / letter.members.all", Decimal("0.4")),
        ("0.1 + 0.2", Decimal("0.3")),
        ("2 + 3 * 4 - 6 / 2", Decimal(11)),
        ("(2 + 3) * 4", Decimal(20)),
        ("-age + 1", Decimal(-23)),
        ("sum(loans.amount)", Decimal(350)),
        ("count(loans)", Decimal(2)),
        ("max(loans.amount) - min(1, 2, 3)", Decimal(249)),
        ("max(began, date('2025-12-31')) == began", True),
        ("true in loans.late", True),
        ("days_between(began, date('2026-03-01')) == 29", True),
        ("months_between(began, date('2026-07-31'))", Decimal(6)),
        ("began < date('2026-02-01')", True),
        ("is_empty(letter.note) and is_empty(nothing) and is_empty(letter.never_asked)", True),
        ("is_empty(sex)", False),
        ("nothing == none", True),
        ("share(1, 0) == none", True),
        ("not done or age > 20", True),
        ("NOT done OR True", True),
        ("done and not (age > 30)", True),
        ('"female" == sex', True),
        ("indicators.7_2_i.value > 3", True),
    ],
)
def test_a_condition_is_answered_exactly(text: str, answer: object) -> None:
    assert parse(text).evaluate(FACTS) == answer


def test_what_does_not_matter_is_not_asked_for() -> None:
    assert parse("done or unheard_of > 3").holds(FACTS)
    assert not parse("not done and unheard_of > 3").holds(FACTS)


def test_names_are_known_before_any_facts_are() -> None:
    expression = parse("steps.letter.on < as_of and count(members.person) >= 7 and share(women, 20) > 0.4")
    assert expression.names == {"steps.letter.on", "as_of", "members.person", "women"}


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "age.__class__",
        "().__class__.__bases__",
        "open('/etc/passwd')",
        "eval('1')",
        "lambda: 1",
        "[x for x in loans]",
        "loans[0]",
        "age := 3",
        "age ** 9",
        "age % 2",
        "'a' + 'b'",
        "f'{age}'",
        "sum.__self__",
        "{'a': 1}",
        "age if done else 0",
        "age; age",
        "${age} > 3",
    ],
)
def test_nothing_but_conditions_can_be_said(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text).evaluate(FACTS)


class Trap:
    """Tells when somebody reads its attributes."""

    read = False

    def __getattr__(self, name: str) -> object:
        type(self).read = True
        return "leaked"


def test_attributes_of_facts_are_never_read() -> None:
    with pytest.raises(ExpressionError):
        parse("trap.secret == 'leaked'").evaluate({"trap": Trap()})
    assert not Trap.read


@pytest.mark.parametrize(
    ("text", "position", "hint"),
    [
        ("age >= ", 7, "a value is missing at the end"),
        ("age = 18", 4, "write == to compare"),
        ("age > 18 && done", 9, "write and, or, not"),
        ("${age} > 18", 0, "write the name alone, without ${ }"),
        ("sex == 'female", 7, "close the quotation mark"),
        ("(age > 18", 9, "close the bracket"),
        ("age 18", 4, "join the parts with and, or, or an operator"),
        ("cuont(loans) > 1", 0, "did you mean count?"),
        ("days_between(began)", 0, "add or remove values"),
        ("", 0, "write true if it always holds"),
        ("1.2.3 > 1", 0, "write numbers as 12 or 12.5"),
    ],
)
def test_a_mistake_is_shown_where_it_is_with_what_to_do(text: str, position: int, hint: str) -> None:
    with pytest.raises(ExpressionError) as mistake:
        parse(text)
    assert mistake.value.position == position
    assert mistake.value.hint == hint


def test_a_missing_name_is_named_with_the_nearest_known_one() -> None:
    with pytest.raises(MissingName) as missing:
        parse("letter.members.woman > 3").evaluate(FACTS)
    assert missing.value.name == "letter.members.woman"
    assert missing.value.position == 0
    assert missing.value.hint == "did you mean 'women'?"


def test_a_misspelt_root_is_missing_even_inside_is_empty() -> None:
    with pytest.raises(MissingName):
        parse("is_empty(lettr.note)").evaluate(FACTS)


@pytest.mark.parametrize("text", ["nothing > 3", "nothing and done", "share(1, 0) > 0.5", "3 in nothing"])
def test_what_is_not_known_yet_is_neither_true_nor_false(text: str) -> None:
    with pytest.raises(NotKnown):
        parse(text).evaluate(FACTS)


@pytest.mark.parametrize(
    "text",
    ["sex > 3", "age == '24'", "age and done", "sum(sex)", "sex + 1", "date('soon') > began", "began > 3", "1 / 0"],
)
def test_values_of_different_kinds_are_not_quietly_compared(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text).evaluate(FACTS)


def test_a_condition_must_be_true_or_false() -> None:
    assert parse("age > 18").holds(FACTS) is True
    with pytest.raises(ExpressionError, match="true or false"):
        parse("age + 1").holds(FACTS)


def test_check_says_everything_wrong_before_anything_runs() -> None:
    known = {"age", "letter.members.women", "answers.*"}
    assert check("age > 3 and answers.cer_00.jobs > 1", known) == []
    assert check("age >", known) == [
        "the condition stops too early (at character 6 of 'age >'): a value is missing at the end"
    ]
    assert check("aeg > 3 and members > 1", known) == [
        "'aeg' is not known here (at character 1 of 'aeg > 3 and members > 1'): did you mean 'age'?",
        "'members' is not known here (at character 13 of 'aeg > 3 and members > 1'): "
        "use a name that is declared for this place",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "1" + " + 1" * NODES_MAX,
        "(" * (DEPTH_MAX + 1) + "1" + ")" * (DEPTH_MAX + 1),
        "not " * (DEPTH_MAX + 1) + "true",
        "a" * (TEXT_LENGTH_MAX + 1),
        "9" * 100,
        "[" + "1," * NODES_MAX + "1]",
    ],
)
def test_a_condition_is_bounded_in_every_direction(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


def test_the_largest_condition_allowed_is_answered_within_the_stack() -> None:
    assert parse("1" + "+1" * (NODES_MAX // 2 - 1)).evaluate({}) == NODES_MAX // 2
    deep = "(" * (DEPTH_MAX - 1) + "true" + ")" * (DEPTH_MAX - 1)
    assert parse(deep).holds({})


def test_numbers_stay_bounded_however_often_they_are_multiplied() -> None:
    huge = parse("*".join(["9999999999999999999999999999999999"] * 50)).evaluate({})
    assert isinstance(huge, Decimal)
    assert len(huge.as_tuple().digits) <= 34


@given(st.text(max_size=200))
def test_any_text_is_either_read_or_refused_by_name(text: str) -> None:
    problems: list[ExpressionError] = []
    try:
        parse(text).evaluate({})
    except ExpressionError as error:
        problems.append(error)
    assert all(0 <= error.position <= len(text) for error in problems)


pieces = st.sampled_from(
    [
        "age",
        "sex",
        "1",
        "2.5",
        "'x'",
        "(",
        ")",
        "+",
        "-",
        "*",
        "/",
        "==",
        "<",
        "in",
        "and",
        "or",
        "not",
        "[",
        "]",
        ",",
        "count",
        "sum",
        "none",
        "true",
        "letter.members",
        "loans.amount",
    ]
)


@given(st.lists(pieces, max_size=25))
def test_any_row_of_words_ends_in_an_answer_or_a_refusal(words: list[str]) -> None:
    with contextlib.suppress(ExpressionError):
        parse(" ".join(words)).evaluate(FACTS)


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_arithmetic_agrees_with_exact_arithmetic(a: int, b: int, c: int) -> None:
    facts = {"a": a, "b": b, "c": c}
    assert parse("a + b * c - a * b").evaluate(facts) == a + b * c - a * b
    assert parse("a < b").evaluate(facts) == (a < b)
