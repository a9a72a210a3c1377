"""The desk's font of symbols holds every symbol that the desk shows: one that it lacks would be read as its name."""

from fontTools.ttLib import TTFont

from supply import desk_symbols

TWO_AT_ONCE = {"keyboard_command_keykeyboard_return", "keyboard_control_keykeyboard_return"}  # two keys in one place


def test_every_symbol_that_the_desk_shows_is_in_its_font() -> None:
    wanted = desk_symbols.wanted()
    assert {"newsmode", "visibility_off", "expand_more", "history", "calendar_month", "light_mode"} <= wanted
    assert wanted - TWO_AT_ONCE <= set(desk_symbols.ligatures(TTFont(desk_symbols.FONT)))
