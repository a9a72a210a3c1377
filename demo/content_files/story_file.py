"""Stories of municipalities (stories.yaml)."""

from pathlib import Path

from lib.yaml_files import Item, read_text, yaml_item

from .content import Content

THEMES = (
    "solidarity",
    "help-for-those-in-need",
    "food-and-masks",
    "volunteering",
    "psychological-support",
    "space-for-the-young",
)
SCENES = {
    "ground": ("snow", "field", "forest", "town", "sea"),
    "sky": ("morning", "day", "evening", "night"),
    "shows": ("house", "tractor", "bus", "school", "ball", "boat", "screen", "dog"),
}
LONGEST_LINE = 120  # characters of a subtitle, which is shown for three seconds


def read_stories(folder: Path, content: Content) -> None:
    """Read the stories: a film with what is said in it, or a text."""
    name = "stories.yaml"
    stories = yaml_item(read_text(folder, name), name, content.languages).items("stories")
    regions = {region.text("code") for region in content.campaign.items("regions")}
    for item in stories:
        item.translated("municipality", 80)
        item.text("code", 20)
        item.choice("region", regions)
        item.choice("theme", THEMES)
        item.choice("language", content.languages)
        item.number("days")
        item.translated("title", 120)
        item.translated("sentence", 200)
        check_film(item) if "scene" in item.data else item.translated("text")
    content.stories.extend(stories)


def check_film(item: Item) -> None:
    """Check what is seen and said in a film."""
    item.text("speaker", 120)
    scene = item.item("scene")
    for key, choices in SCENES.items():
        scene.choice(key, choices)
    for line in item.items("said"):
        for language in line.languages:
            line.text(language, LONGEST_LINE)
