"""The pictures that are made for every platform: their aspect ratios, and how many pixels each has."""

from django.db import models

__all__ = ["SIZES", "Ratio"]


class Ratio(models.TextChoices):
    """Width to height of what is made for platforms. The names are numbers and are not translated."""

    STORY = "9x16", "9:16"
    FEED = "4x5", "4:5"
    SQUARE = "1x1", "1:1"


SIZES = {Ratio.STORY: (1080, 1920), Ratio.FEED: (1080, 1350), Ratio.SQUARE: (1080, 1080)}  # width and height in pixels
