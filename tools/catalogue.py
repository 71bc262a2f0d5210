"""Update the language catalogues from the source: `make catalogue`.

Adds missing texts to each language, without a translation, and removes unused ones.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.catalogue import CATALOGUES, TRANSLATIONS, Source, read


def main() -> int:
    """Write the catalogues; return 1 if a translation is missing or a text is faulty."""
    source = Source.of_package()
    for fault in source.faults:
        print(f"{fault.place}: {fault.text}")
    keys = sorted(source.wanted)
    empty = 0
    for language in TRANSLATIONS:
        known = read(language)
        texts = {text: known.get(text, "") for text in keys}
        text = json.dumps(texts, ensure_ascii=False, indent=2)
        (CATALOGUES / f"{language}.json").write_text(f"{text}\n", "utf-8")
        missing = [text for text, translated in texts.items() if not translated]
        gone = len(known.keys() - texts.keys())
        print(f"{language}: {len(texts)} texts, {gone} removed, {len(missing)} to translate")
        for item in missing:
            print(f"  {json.dumps(item, ensure_ascii=False)}")
        empty += len(missing)
    return min(1, empty + len(source.faults))


if __name__ == "__main__":
    sys.exit(main())
