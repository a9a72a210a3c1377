"""Files of a bulletin: uploads, renditions, message cards, packages to download."""
