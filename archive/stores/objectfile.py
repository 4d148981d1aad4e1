"""An object of a store as a seekable file, read range by range, however large it is."""

import io

from archive.stores.store import Store


class ObjectFile(io.RawIOBase):
    """One object; reading raises what `Store.get_range` does."""

    def __init__(self, store: Store, key: str, size: int) -> None:
        """Take an object of so many bytes."""
        self._store, self._key, self._size, self._at = store, key, size, 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go on elsewhere; return where that is."""
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # as BufferedReader calls it
        """Read into a buffer; return how many bytes."""
        length = min(len(buffer), self._size - self._at)
        if length <= 0:
            return 0
        buffer[:length] = self._store.get_range(self._key, self._at, length)
        self._at += length
        return length
