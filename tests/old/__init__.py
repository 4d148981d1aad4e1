"""Archives written by versions of the program that came before, and what those versions made of them."""
