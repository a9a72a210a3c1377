"""The pages of narratives and of thresholds, and charts of where claims were seen."""
