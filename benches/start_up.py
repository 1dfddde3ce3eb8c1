"""Starting: what every call of Salt's and every command of a person pays first."""

from bed import PROGRAM
from compare import Case, compare, peak, peaks
from salt_programs import salt_bin


def main():
    ours = Case("va-driver version", [PROGRAM, "version"])
    cases = [
        ours,
        Case("true", ["true"]),
        Case("va-driver provider status (loads libvirt)", [PROGRAM, "provider", "status", "--uri", "test:///default"]),
        Case("virsh -c test:///default version", ["virsh", "-c", "test:///default", "version"]),
    ]
    compare("Start", cases, runs=40)
    salt = salt_bin()
    rows = [(case.name, peak(case.command)) for case in cases[:1] + cases[2:]]
    if salt:
        case = Case("salt-cloud --version", [salt / "salt-cloud", "--version"])
        compare("Start, beside salt-cloud", [ours, case], runs=3)
        rows.append((case.name, peak(case.command)))
    peaks("Memory of a start", rows)


main()
