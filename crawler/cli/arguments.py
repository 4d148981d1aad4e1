"""The help of `scrapy crawl`: each `-a` argument with what it does, its default and an example."""

import argparse
import textwrap

from scrapy.commands import ScrapyHelpFormatter

from crawler.crawl.plan import ARGUMENTS

_INDENT = 24
_WIDTH = 79
HEADING = "Arguments (-a NAME=VALUE)"


class Verbatim(ScrapyHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Scrapy's help, with the lines of the text at its end left as they are."""


def arguments_told() -> str:
    """Return the table of arguments, as it stands at the end of the help."""
    return "\n".join([HEADING, "-" * len(HEADING), *map(_told, ARGUMENTS)])


def _told(name: str) -> str:
    argument = ARGUMENTS[name]
    head = f"  {name}={argument.form}"
    about = f"{argument.says} (default: {argument.default}; for example -a {argument.example})"
    lines = textwrap.wrap(about, _WIDTH - _INDENT, break_on_hyphens=False)
    told = [" " * _INDENT + line for line in lines]
    if len(head) < _INDENT - 1:
        told[0] = head.ljust(_INDENT) + lines[0]
        return "\n".join(told)
    return "\n".join([head, *told])
