"""
Files for Salt's former drivers, twenty of them, in tests/salt/former.

Their shapes are those of files that people have published; what they say is this project's own.
"""

import pathlib
import shutil

FORMER = pathlib.Path(__file__).resolve().parent / "former"
FOLDERS = ("cloud.providers.d", "cloud.profiles.d", "cloud.maps.d")


def put(master, texts=()):
    """The files, in place of all that the master has; in their texts each of ``texts`` stands for another."""
    for folder in FOLDERS:
        shutil.rmtree(master.etc / folder)
        shutil.copytree(FORMER / folder, master.etc / folder)
        for file in (master.etc / folder).iterdir():
            text = file.read_text()
            for former, now in dict(texts).items():
                text = text.replace(former, now)
            file.write_text(text)


def move(master):
    """What an administrator does in the end: the new files in the place of the former ones."""
    for folder in FOLDERS:
        shutil.rmtree(master.etc / folder)
        shutil.move(master.etc / "migrated" / folder, master.etc / folder)
