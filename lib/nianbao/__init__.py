"""nianbao: year-end reports of Chinese township health offices, every printed figure traceable to its source cell."""

__version__ = "0.1.0"
