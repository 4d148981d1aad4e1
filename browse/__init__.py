"""Pages for readers: what an opened archive shows to somebody with a browser.

May read an opened archive, texts, warc, proofs and exporters. Stands beside pipelines/ and knows nothing of it, of the
crawler or the settings, and never of the log or committing: a page writes nothing.
"""
