"""Starting: what every call of Salt's and every command of a person pays first."""

import subprocess
import sys

from bed import CACHE, PROGRAM
from compare import Case, compare, peak, peaks


def salt_cloud():
    """Salt of PyPI, installed once; none where that does not work."""
    home = CACHE / "salt"
    program = home / "bin" / "salt-cloud"
    if not program.exists():
        print("installing Salt into", home, file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        subprocess.run([home / "bin" / "pip", "install", "--quiet", "salt"])
    works = program.exists() and not subprocess.run([program, "--version"], capture_output=True).returncode
    if not works:
        print("without salt-cloud: it could not be installed", file=sys.stderr)
    return program if works else None


def main():
    ours = Case("va-driver version", [PROGRAM, "version"])
    cases = [
        ours,
        Case("true", ["true"]),
        Case("va-driver provider status (loads libvirt)", [PROGRAM, "provider", "status", "--uri", "test:///default"]),
        Case("virsh -c test:///default version", ["virsh", "-c", "test:///default", "version"]),
    ]
    compare("Start", cases, runs=40)
    salt = salt_cloud()
    rows = [(case.name, peak(case.command)) for case in cases[:1] + cases[2:]]
    if salt:
        case = Case("salt-cloud --version", [salt, "--version"])
        compare("Start, beside salt-cloud", [ours, case], runs=3)
        rows.append((case.name, peak(case.command)))
    peaks("Memory of a start", rows)


main()
