"""Files people send: a gate that decides what may be opened, and readers that fill a grid of raw cells, whatever the format."""
