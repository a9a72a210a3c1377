"""The pages of cadences, the calendar and a bulletin's slots."""
