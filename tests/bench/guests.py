# SPDX-License-Identifier: GPL-2.0
"""Guests, and results that are kept, so that a run that was interrupted goes on where it was."""
import hashlib
import json
import pathlib
import shutil
import subprocess
import time

REPO = pathlib.Path(__file__).resolve().parents[2]
START = time.monotonic()


class Failed(Exception):
    """A guest has no result; the message tells why."""


def say(text):
    print('[%4d s] %s' % (time.monotonic() - START, text), flush=True)


def digest(*parts):
    """Identifies what a result depends on: files by what is in them."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part.read_bytes() if isinstance(part, pathlib.Path) else str(part).encode())
    return whole.hexdigest()[:16]


class Kept:
    """What a guest has left in a folder, and what was computed of that.

    Raw data count as long as their key is the same, a result also as long as the files are that
    compute it: if these change, no guest has to run again.
    """

    def __init__(self, out, name, key, scorers):
        self.folder, self.file = out / 'raw' / name, out / 'rows' / (name + '.json')
        self.key, self.result_key = key, digest(key, *scorers)

    def has_raw(self):
        key = self.folder / 'key'
        return key.is_file() and key.read_text() == self.key

    def raw_is_good(self):
        (self.folder / 'key').write_text(self.key)

    def load(self):
        """The result, or None."""
        try:
            kept = json.loads(self.file.read_text())
            return kept['result'] if kept['key'] == self.result_key else None
        except (OSError, ValueError, KeyError):
            return None

    def save(self, result):
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps({'key': self.result_key, 'result': result}))


def prepare(folder, tools):
    """An empty folder with copies of tools, so that they may be changed while a guest runs."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for tool in tools:
        shutil.copy(tool, folder)


def boot(folder, image, options, command):
    """Run a command in a guest that has the folder as /out; its output goes to log in there."""
    command = [REPO / 'tests/vm/run', '--kernel', image, '--out', folder, *options, '--', *command]
    with open(folder / 'log', 'w', encoding='utf-8') as log:
        status = subprocess.run([str(word) for word in command], stdout=log, stderr=log,
                                check=False).returncode
    if status:
        raise Failed('guest ended, status %d, see %s/log' % (status, folder))
