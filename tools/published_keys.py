"""Write the fingerprints of published signing keys that no other rule refuses.

Reads a list of published secrets, one a line (such as jwt.secrets.list of wallarm/jwt-secrets),
and writes the first five bytes of the SHA-256 of each. The list is not part of the package.

Run it: `python tools/published_keys.py jwt.secrets.list`.
"""

import hashlib
import sys
from pathlib import Path

from streamlit_persistauth.core.sessions.key_strength import FINGERPRINT_BYTES, find_weakness

TARGET = (
    Path(__file__).resolve().parents[1]
    / "src/streamlit_persistauth/core/sessions/published_keys.bin"
)


def main(source: Path) -> None:
    """Write the fingerprints, sorted."""
    TARGET.write_bytes(b"")
    lines = source.read_text(encoding="utf-8").splitlines()
    passing = {line for line in lines if find_weakness(line) is None}
    prints = sorted(hashlib.sha256(line.encode()).digest()[:FINGERPRINT_BYTES] for line in passing)
    TARGET.write_bytes(b"".join(prints))
    print(f"{len(prints)} of {len(lines)} published keys are refused only by their fingerprint")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
