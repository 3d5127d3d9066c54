"""Tables people make: forms that describe an office's own layouts, and what reads a sheet by them."""
