"""Forms made from specs."""
