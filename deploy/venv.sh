#!/bin/sh
# Make a virtual environment with the pinned packages: venv.sh PYTHON FOLDER
# A bare Debian 12 has Python without ensurepip; root may add it, others are told how.
set -eu
python=$1 folder=$2
if ! "$python" -m ensurepip --version >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -q >/dev/null && apt-get install -qy --no-install-recommends python3-venv >/dev/null
    else
        echo "Python's venv module is missing; run: sudo apt-get install python3-venv" >&2
        exit 1
    fi
fi
[ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
echo "installing the pinned packages into $folder (once)" >&2
"$folder/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
