"""What is misconfigured, and how to mend it: one check each of the program, the settings, the store and the outlet.

Changes nothing, and knows no spider and no command.
"""
