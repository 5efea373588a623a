from __future__ import annotations

from bot.review.toml_lines import TomlLines

TEXT = '''\
title = "a # b"
long = """
[[not.a.table]]
key = 1
"""
list = [
  "one", # ] not the end
  { inner = 1 },
]

[[items]]
id = 1
a.b = 2

[items.part]
"quoted key" = 3

[[items]]
  id = 4
'''


def test_keys_and_tables_are_found_on_their_lines():
    lines = TomlLines(TEXT)

    assert lines.of(("title",)) == 1
    assert lines.of(("long",)) == 2
    assert lines.of(("list",)) == 6
    assert lines.of(("items", 0)) == 11
    assert lines.of(("items", 0, "a", "b")) == 13
    assert lines.of(("items", 0, "part", "quoted key")) == 16
    assert lines.of(("items", 1, "id")) == 19


def test_what_looks_like_a_table_inside_a_text_is_not_one():
    assert TomlLines(TEXT).of(("not", "a", "table")) == 1


def test_an_unknown_key_stands_where_its_table_stands():
    assert TomlLines(TEXT).of(("items", 1, "missing")) == 18
    assert TomlLines(TEXT).of(("list", 1, "inner")) == 6
