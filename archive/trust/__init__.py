"""Whether an archive can be believed: verified, repaired, signed, time-stamped, proved to a stranger.

Reads an opened archive, and writes beside the log only, or what another copy proves. Opens no connection but the
store's; knows neither exporters nor committing.
"""
