"""How often public pages are shown: counted by the site itself, as sums of a day, without cookies and without addresses."""
