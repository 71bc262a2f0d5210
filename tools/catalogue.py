"""Bring the languages up to date with the source: `make catalogue`.

What is missing is added to each language, to be translated where it stands, and what nothing says
any more is taken out.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.catalogue import CATALOGUES, TRANSLATIONS, Source, read


def main() -> int:
    """Write the catalogues; the number of texts to be translated is the exit status, up to 1."""
    source = Source.of_package()
    for fault in source.faults:
        print(f"{fault.place}: {fault.text}")
    keys = sorted(source.wanted)
    empty = 0
    for language in TRANSLATIONS:
        known = read(language)
        words = {text: known.get(text, "") for text in keys}
        text = json.dumps(words, ensure_ascii=False, indent=2)
        (CATALOGUES / f"{language}.json").write_text(f"{text}\n", "utf-8")
        missing = [text for text, translated in words.items() if not translated]
        gone = len(known.keys() - words.keys())
        print(f"{language}: {len(words)} texts, {gone} taken out, {len(missing)} to be translated")
        for item in missing:
            print(f"  {json.dumps(item, ensure_ascii=False)}")
        empty += len(missing)
    return min(1, empty + len(source.faults))


if __name__ == "__main__":
    sys.exit(main())
