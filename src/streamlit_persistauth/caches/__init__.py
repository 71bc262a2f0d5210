"""Where a browser keeps its credential."""
