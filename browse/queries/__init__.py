"""What pages ask of the catalog beside the questions that it answers by itself: lists, counts, what was found.

Only SELECTs stand here, over a connection that is handed in; words for people do not.
"""
