"""What a page shows of an article, made ready for a template: its life in words, its time line, differences, citations.

Pure functions over what the catalog gave; nothing is asked here, and nothing knows of a request.
"""
