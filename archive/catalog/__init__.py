"""What the facts mean: versions, life events and states, folded from the log into a file that can be thrown away.

Beside the fold stand the questions: memory is asked by a crawl, articles by readers, and each further module is one
answer. Reads the log and never writes to it; who is to be trusted is not judged here.
"""
