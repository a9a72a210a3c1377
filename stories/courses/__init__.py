"""Courses: written in each language, checked by a second person, taken at one's own pace, also without a connection."""
