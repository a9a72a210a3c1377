"""How people come in by themselves: the open form, a code by mail, and their place in the campaign."""
