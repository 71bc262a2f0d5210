"""Where accounts may come from: files and tables of other systems, read and never changed."""
