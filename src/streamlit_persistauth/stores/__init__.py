"""Where records live. The protocols are stated by the core and named again in `base`."""
