#!/bin/sh
# Install what a lock file pins into a virtual environment, made if need be: venv.sh PYTHON FOLDER LOCK
# Says one line; what uv and pip say is kept in FOLDER/install.log and shown when they fail.
set -eu
python=$1 folder=$2 lock=$3
log=$folder/install.log

stop() {
    printf '%s\n' "$@" >&2
    exit 1
}

# A bare Debian 12 has Python without ensurepip; root may add it, others are told how.
add_ensurepip() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        stop "Python's venv module is missing; run: sudo apt-get install python3-venv"
    fi
    apt-get update -q >/dev/null && apt-get install -qy --no-install-recommends python3-venv >/dev/null
}

make_folder() {
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        stop "$python is no Python 3.11 or later; run: make install PYTHON=python3.12, or whichever is there"
    "$python" -m ensurepip --version >/dev/null 2>&1 || add_ensurepip
    "$python" -m venv "$folder"
}

with_pip() {
    "$folder/bin/python" -m pip install -q --disable-pip-version-check --require-hashes "$@" >>"$log" 2>&1
}

# Print the uv to use: the machine's, else the one that the development lock pins.
find_uv() {
    if uv --version >/dev/null 2>&1; then
        echo uv
        return
    fi
    sed -n '/^uv==/,/[^\\]$/p' requirements-dev.lock >"$folder/uv.lock"
    with_pip --only-binary :all: -r "$folder/uv.lock" && echo "$folder/bin/uv"
}

# uv reads none of pip's settings; the index is what a machine most often sets. (`pip config get` reads one file only.)
index_of_pip() {
    "$folder/bin/python" -m pip config list 2>/dev/null | sed -nE "s/^(:env:|global)\.index-url='(.*)'\$/\2/p" | head -n 1
}

# uv leaves bytecode to the first import, which may be by a user who can't write here.
with_uv() {
    uv=$(find_uv) || return
    index=${UV_DEFAULT_INDEX:-${UV_INDEX_URL:-$(index_of_pip)}}
    [ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
    "$uv" pip install -q --compile-bytecode --python "$folder/bin/python" --require-hashes -r "$lock" >>"$log" 2>&1
}

[ -x "$folder/bin/python" ] || make_folder
echo "installing the packages of $lock into $folder (once)" >&2
: >"$log"
with_uv && exit
tail -n 8 "$log" >&2
echo "uv could not; trying pip" >&2
: >"$log"
with_pip -r "$lock" && exit
tail -n 8 "$log" >&2
stop "mend what these lines name (more in $log), then run the same command again"
