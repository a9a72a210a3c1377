"""Views of the desk's lists that somebody keeps under a name: what is filtered, searched and in which order."""
