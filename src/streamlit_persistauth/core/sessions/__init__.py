"""Sessions of signed-in users, and the tokens that represent them."""
