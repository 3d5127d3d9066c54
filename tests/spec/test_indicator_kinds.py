"""Each table of the examples holds, and a return changed by one figure breaks it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from indicator_examples import EXAMPLES, Example

from county import results_of
from nianbao.catalogue import Method
from nianbao.indicators import Result, Results
from nianbao.values import BLANK, exact_text


def told(results: Results, name: str) -> str:
    """Return what the results say of ``figure`` or ``figure.aspect``, in the words of the tables."""
    ref, dot, aspect = name.partition(".")
    found = results.get(ref)
    if found is None:
        return "absent"
    return words(getattr(found, aspect), aspect) if dot else f"{exact_text(found.value) or '-'} {found.status.value}"


def words(value: object, aspect: str) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case Fraction():
            return exact_text(value)
        case float():
            return f"{value:.2f}"
        case tuple():
            return ", ".join(value)
        case _ if aspect in ("target", "reported"):
            return exact_text(Fraction(value.value))  # type: ignore[attr-defined]
        case _:
            return str(value)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.kind}: {example.says}")
def test_example(example: Example) -> None:
    results = results_of(example.given)
    assert {name: told(results, name) for name in example.follows} == dict(example.follows)


PRESENT = [example for example in EXAMPLES if any(said != "absent" for said in example.follows.values())]


@pytest.mark.parametrize("example", PRESENT, ids=lambda example: f"{example.kind}: {example.says}")
def test_every_figure_given_matters(example: Example) -> None:
    """The perturbed twin: without any one of its figures the table no longer holds."""
    for name in example.given:
        rest = {key: value for key, value in example.given.items() if key != name}
        results = results_of(rest)
        assert {key: told(results, key) for key in example.follows} != dict(example.follows), f"{name} does not matter"


def test_every_method_has_an_example() -> None:
    kinds = {example.kind for example in EXAMPLES}
    assert {method.value.removesuffix("_pct") for method in Method} <= kinds


def test_examples_say_one_thing_each() -> None:
    said = [example.says for example in EXAMPLES]
    assert len(set(said)) == len(said)
    assert all(line.endswith(".") for line in said)


def test_a_result_never_has_a_value_without_saying_so() -> None:
    """Whatever the example: a blank status has no value, any other has one."""
    seen: list[Result] = [result for example in EXAMPLES for result in results_of(example.given)]
    assert seen
    for result in seen:
        if result.raw and result.value is None and result.status not in BLANK:
            continue  # a text
        assert (result.value is None) == (result.status in BLANK), result.ref
