"""A minion's RSA key pair. How long one takes is luck, so there are many runs, and ratios below 1.2 say nothing."""

from bed import PROGRAM
from compare import Case, compare

for bits, runs in ((2048, 20), (3072, 12), (4096, 12)):
    compare(
        f"RSA key pair of {bits} bits",
        [
            Case(f"va-driver key generate --bits {bits}", [PROGRAM, "key", "generate", "--bits", str(bits)]),
            Case(f"openssl genrsa {bits}", ["openssl", "genrsa", str(bits)]),
        ],
        runs=runs,
    )
