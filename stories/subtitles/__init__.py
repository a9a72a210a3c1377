"""Subtitles of stories: drafted, edited beside the video, confirmed by a person, read as text."""
