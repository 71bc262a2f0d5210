"""Who is signed in, and how a sign-in begins and ends."""
