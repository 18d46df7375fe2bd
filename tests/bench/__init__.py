"""The figures of docs/performance.md: real servers on this machine, each figure a ratio taken in one run, A B A B."""
