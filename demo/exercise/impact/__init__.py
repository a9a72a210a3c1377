"""What the demo measured: weeks, a pretest, two surveys and a report."""
