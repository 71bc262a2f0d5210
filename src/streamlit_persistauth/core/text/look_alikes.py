"""A key that is equal for texts that look alike."""

import unicodedata

from streamlit_persistauth.core.secrets import fingerprint


def look_alike_key(text: str) -> str:
    """Return a key that is equal for canonical addresses, or usernames, that look alike.

    Two different ASCII texts have different keys, although `l` and `1` look similar: both may be
    in use. A character beyond ASCII is replaced by the ASCII letter it is confusable with
    (UTS #39 4), and a second dot on `i` or `j`, which fonts do not show, is left out. The key is
    hashed, so it has a fixed length and no collation affects it.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = folded.replace("i\u0307", "i").replace("j\u0307", "j")
    if not folded.isascii():
        folded = "".join(map(_skeleton, folded))
    return fingerprint(folded)


def _skeleton(character: str) -> str:
    """Return the ASCII letter that a character is confusable with, or the character itself."""
    if character.isascii():
        return character
    from confusable_homoglyphs import confusables  # here: large tables that few texts need

    matches = confusables.is_confusable(character, greedy=True)
    twins = [twin["c"] for twin in matches[0]["homoglyphs"]] if matches else []
    return next((twin.lower() for twin in twins if len(twin) == 1 and twin.isascii()), character)
