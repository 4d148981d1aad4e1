"""What may be set: base has every setting with its default, local and production what differs there.

Values only: no code that acts on them. production.py alone reads the environment.
"""
