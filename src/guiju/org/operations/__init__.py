"""Acts on the organisation. Keyword-only, atomic, each an event of the company's chain."""
