"""The guide to a city's procedures: see README.md for the map of the modules."""
