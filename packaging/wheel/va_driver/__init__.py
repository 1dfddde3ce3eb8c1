"""
va-driver for Salt: its loader finds ``clouds``, ``runners`` and their like in this package by an entry point.

The executable is ``bin/va-driver`` beside this file; pip puts a command ``va-driver`` that starts it where it puts commands.
"""

import os
import sys

EXECUTABLE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "bin", "va-driver")


def main():
    """The command: becomes the executable."""
    os.execv(EXECUTABLE, ["va-driver"] + sys.argv[1:])
