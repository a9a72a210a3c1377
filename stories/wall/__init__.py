"""Stories as readers see them: the wall, a page for each, and who took one along."""
