"""Files of numbers that others read too: bytes to values and back."""
