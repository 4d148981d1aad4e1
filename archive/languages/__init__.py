"""What belongs to a language and not to an outlet: one file each, picked by the edition.

Words only. Knows facts at most; no rule that reads them stands here, that is in texts/.
"""
