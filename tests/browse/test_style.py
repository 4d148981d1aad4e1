"""The colours of the pages, light and dark: what is read has 4.5:1, what is only seen 3:1 (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re

import pytest

from browse.app import STATIC

STYLE = (STATIC / "style.css").read_text(encoding="utf-8")
READ = {
    "paper": ("ink", "soft", "link", "silent", "gone", "ins", "del"),
    "quote": ("ink", "soft", "link"),
    "mark": ("ink",),
    "ins-ground": ("ins",),
    "del-ground": ("del",),
    "on": ("on-ink",),
    "bar": ("on-bar",),
}
"""Grounds, and the colours of what is written on each."""
SEEN = {
    "paper": ("edge", "bar", "bar-edge", "hatch", "ink", "gone", "silent", "link", "ins", "del"),
    "quote": ("edge",),
}
"""Grounds, and the colours of what is drawn on each and means something."""
DECORATION = {"line"}
"""Hairlines: nothing is told by them that white space does not tell."""


def palettes():
    """Return the colours by name, light and dark."""
    light, dark = re.findall(r":root \{([^}]*--paper[^}]*--bar[^}]*)\}", STYLE)
    told = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", light))
    return {"light": told, "dark": told | dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", dark))}


def luminance(colour):
    """Return the relative luminance of a colour (WCAG 2.2)."""
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """Return the contrast of two colours, from 1 to 21."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.row("F-PAG-10")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(READ, 4.5), (SEEN, 3)], ids=["read", "seen"])
def test_colours_stand_out_from_their_grounds(scheme, pairs, least):
    """Text by 4.5:1; by 3:1 edges of fields, ticks, bars, hatches and whatever else a drawing tells by."""
    colours = palettes()[scheme]
    faint = [
        (name, ground, round(contrast(colours[name], colours[ground]), 2))
        for ground, names in pairs.items()
        for name in names
        if contrast(colours[name], colours[ground]) < least
    ]

    assert faint == []


@pytest.mark.row("F-PAG-10")
def test_every_colour_is_held_against_its_ground():
    """A colour is one of the palette, which has each light and dark, and is among those that are measured.

    But for the ground of a stored page's frame, which is the browser's own.
    """
    both = palettes()
    rules = re.sub(r"--[a-z-]+: [^;]*;", "", STYLE)
    measured = {name for pairs in (READ, SEEN) for ground, names in pairs.items() for name in (ground, *names)}

    assert both["light"].keys() == both["dark"].keys() == measured | DECORATION
    assert set(re.findall(r"var\(--([a-z-]+)\)", STYLE)) - {"serif", "sans", "mono"} == set(both["light"])
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", rules) == ["#fff"]
