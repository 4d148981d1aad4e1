"""What is read by several processes at a time, with the result of one.

Knows nothing of logs and stores: whoever asks says what is to be done.
"""
