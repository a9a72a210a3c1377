"""Who is asked to meetings, and what their calendars are sent."""
