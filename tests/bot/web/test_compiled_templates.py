"""Templates are compiled once a process, and each review's filters are its own all the same."""

from __future__ import annotations

from jinja2 import DictLoader, Environment, pass_context

from bot.web.pages import CompiledTemplates

TEMPLATES = {"a.html": "{{ 'x' | said }}"}


def environment(compiled: CompiledTemplates, said: str) -> Environment:
    found = Environment(loader=DictLoader(TEMPLATES), autoescape=True, bytecode_cache=compiled)
    found.filters["said"] = pass_context(lambda _context, _text: said)
    return found


def test_a_template_compiled_for_one_review_is_shown_with_the_filters_of_another() -> None:
    compiled = CompiledTemplates()
    one, other = (environment(compiled, each) for each in ("one", "other"))

    first, second = (each.get_template("a.html").render() for each in (one, other))

    assert (first, second) == ("one", "other")


def test_a_template_that_changed_is_compiled_anew() -> None:
    compiled = CompiledTemplates()
    environment(compiled, "before").get_template("a.html")
    changed = environment(compiled, "after")
    changed.loader = DictLoader({"a.html": "changed"})

    assert changed.get_template("a.html").render() == "changed"
