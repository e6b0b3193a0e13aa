"""Other programs in the window: who is there, what goes to them and what comes."""
