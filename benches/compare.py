"""Commands side by side: hyperfine measures them by turns, so that a busy moment of the machine meets all of them."""

import dataclasses
import json
import os
import shlex
import statistics
import subprocess
import tempfile

ROUNDS = int(os.environ.get("VA_BENCH_ROUNDS", "5"))


@dataclasses.dataclass
class Case:
    """A command, and what has to be done before each of its runs (without being timed)."""

    name: str
    command: list
    prepare: list = dataclasses.field(default_factory=lambda: ["true"])


@dataclasses.dataclass
class Figures:
    """How long the runs of a case took, in seconds."""

    name: str
    times: list

    @property
    def median(self):
        return statistics.median(self.times)


def compare(title, cases, runs=10, rounds=None):
    """Runs every case `runs` times in each round, prints the table; the first case is ours."""
    figures = [Figures(case.name, []) for case in cases]
    for _ in range(rounds or ROUNDS):
        for case, figure in zip(cases, figures):
            figure.times += hyperfine(case, runs)
    table(title, figures)
    return figures


def hyperfine(case, runs):
    with tempfile.NamedTemporaryFile() as report:
        command = ["hyperfine", "-N", "--style=none", "--warmup=1", f"--runs={runs}", f"--export-json={report.name}"]
        command += ["--prepare", shlex.join(map(str, case.prepare)), shlex.join(map(str, case.command))]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{case.name}: {done.stderr.strip() or done.stdout.strip()}")
        return json.load(report)["results"][0]["times"]


def table(title, figures):
    """Prints medians, their ratio to the first, and between which the middle half of the runs lies."""
    ours = figures[0].median
    print(f"\n## {title}\n\n| | median | middle half | against ours | runs |\n|---|--:|--:|--:|--:|")
    for figure in figures:
        low, _, high = statistics.quantiles(figure.times, n=4) if len(figure.times) > 1 else figure.times * 3
        ratio = "1" if figure is figures[0] else f"{figure.median / ours:.3g} ×"
        print(f"| {figure.name} | {shown(figure.median)} | {shown(low)} – {shown(high)} | {ratio} | {len(figure.times)} |")
    print(flush=True)


def shown(seconds):
    for factor, unit in ((1, "s"), (1e3, "ms")):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


def peak(command, prepare=None):
    """The most memory that a command's process had, in MiB: the median of three runs."""
    sizes = []
    for _ in range(3):
        if prepare:
            subprocess.run(prepare, check=True, stdout=subprocess.DEVNULL)
        with tempfile.NamedTemporaryFile("r") as report:
            # Not our own wait4: a child's figure there begins with what Python had when it forked.
            command_line = ["/usr/bin/time", "-f", "%M", "-o", report.name, *map(str, command)]
            subprocess.run(command_line, check=True, stdout=subprocess.DEVNULL)
            sizes.append(int(report.read()) / 1024)
    return statistics.median(sizes)


def peaks(title, rows):
    """Prints (name, MiB) rows; the first is ours."""
    print(f"\n## {title}\n\n| | peak memory | against ours |\n|---|--:|--:|")
    for name, size in rows:
        ratio = "1" if (name, size) == rows[0] else f"{size / rows[0][1]:.3g} ×"
        print(f"| {name} | {size:.1f} MiB | {ratio} |")
    print(flush=True)
