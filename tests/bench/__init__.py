"""Speed against named references, measured alternately in one run: `make bench`."""
