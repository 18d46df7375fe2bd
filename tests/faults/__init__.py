"""Planted faults: what `make faults` puts into a copy of the tree, one at a time, to see its tests fail."""
