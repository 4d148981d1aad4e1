"""How facts are kept: a batch's segments, the commit that names them, and the chain of commits; the spool before that.

Writes and reads through stores/ and warc/. What the facts mean is the catalog's to say.
"""
