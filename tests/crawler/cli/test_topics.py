"""Topics of help: what docs/commands.md says, in a terminal."""

import json

import pytest

from archive.errors import ConfigurationError, UsageError
from crawler.cli.described import described
from crawler.cli.plain import project_settings
from crawler.cli.topics import topic, topics
from tests.project import forked


def test_every_command_is_a_topic():
    """So are exit codes, choosing, naming, settings and the JSON documents; none has a link of Markdown's."""
    _, parts = described(project_settings())

    assert {*parts, "exit-codes", "choosing", "naming-an-article", "settings", "json-documents"} <= set(topics())
    assert not [word for word, text in topics().items() if "](" in text]


@pytest.mark.parametrize(
    ("word", "begun"), [("exit-codes", "Exit codes\n"), ("Exit Codes", "Exit codes\n"), ("show", "scrapy show\n")]
)
def test_a_topic_is_its_section(word, begun):
    """Whole, and nothing of the next one."""
    assert topic(word).startswith(begun)
    assert "\n## " not in topic(word)
    assert len(topic(word)) > 200


def test_another_word_names_the_one_that_was_meant():
    """A usage error, with the way to all topics."""
    with pytest.raises(UsageError, match="did you mean exit-codes"):
        topic("exit-code")
    with pytest.raises(UsageError, match="presstv help lists them"):
        topic("quantum")


def test_without_the_file_it_is_said(tmp_path):
    """Where the docs were left out."""
    with pytest.raises(ConfigurationError, match=r"commands\.md"):
        topics(tmp_path / "commands.md")


def test_the_command_prints_them():
    """Topics, one a line; a topic's text; both as one document."""
    assert "exit-codes" in forked("help").stdout.splitlines()
    assert forked("help", "exit-codes").stdout == topic("exit-codes") == forked("help", "exit", "codes").stdout
    assert json.loads(forked("help", "--json", "show").stdout)["text"] == topic("show")
    assert "show" in json.loads(forked("help", "--json").stdout)["topics"]
