"""What belongs to a language: one file each, and `known.py` lists them.

A language is no outlet, so the core may know it. Here stand words and nothing that works with them: what tells the
type of an edit is in `texts/`, what reads a date in `pipelines/`. No outlet's name, section or template may enter.
"""
