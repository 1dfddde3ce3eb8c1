"""A config drive of the same files by each program, and in process by divan (seed.rs)."""

import json
import re
import subprocess
import uuid

from bed import PROGRAM, ROOT, directory, run
from compare import Case, compare, shown

UNITS = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1}


def specification(path):
    """A server with a minion, as creating one makes it."""
    pair = json.loads(run([PROGRAM, "key", "generate", "--json"]))
    minion = {"id": "web-1", "conf": {"master": "192.0.2.1"}, **{k: pair[k] for k in ("public_key", "private_key")}}
    path.write_text(json.dumps({"uuid": str(uuid.uuid4()), "hostname": "web-1", "minion": minion}))


def in_process():
    """divan's medians: [(name, seconds)]."""
    printed = run(["cargo", "bench", "--locked", "--quiet", "--bench", "seed"], cwd=ROOT)
    number = r"([\d.]+) (ns|µs|ms|s)"
    rows = re.findall(rf"─ (\w+)\s+{number}\s+│ {number}\s+│ {number}", printed)
    return [(row[0], float(row[5]) * UNITS[row[6]]) for row in rows]


def main():
    with directory() as path:
        seed, ours, files = path / "seed.json", path / "ours.iso", path / "files"
        specification(seed)
        run([PROGRAM, "config-drive", "build", "--seed", seed, "--output", ours])
        subprocess.run(
            ["xorriso", "-osirrox", "on", "-indev", ours, "-extract", "/", files], check=True, capture_output=True
        )
        options = ["-quiet", "-J", "-r", "-V", "config-2"]
        programs = ("genisoimage", "xorrisofs")
        cases = [Case("va-driver config-drive build", [PROGRAM, "config-drive", "build", "--seed", seed])]
        for program in programs:
            cases.append(Case(program, [program, *options, "-o", path / f"{program}.iso", files]))
        figures = compare("Config drive, by a process of its own", cases, runs=20)

        print("## Config drive, in process\n\n| | median | genisoimage against it | xorrisofs |\n|---|--:|--:|--:|")
        for name, seconds in in_process():
            print(f"| {name} | {shown(seconds)} |", " | ".join(f"{f.median / seconds:.3g} ×" for f in figures[1:]), "|")

        print("\n## Size of the image\n\n| | bytes | against ours |\n|---|--:|--:|")
        for image in (ours, *(path / f"{program}.iso" for program in programs)):
            size = image.stat().st_size
            print(f"| {image.stem} | {size:,} | {size / ours.stat().st_size:.3g} × |")
        print(flush=True)


main()
