"""Where bytes lie: a folder, a bucket or memory, each with one promise: a key is created if absent, never replaced.

Knows facts only by their names; no log, no catalog. boto3 stays in s3.py.
"""
