"""What this machine saw of archives by itself, which no store can take back: where logs ended, and their commits.

May read logs and stores. A catalog can be thrown away; this stands beside it, and nothing in the store changes it.
"""
