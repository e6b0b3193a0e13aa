"""What portals answered: the table of observations with its filters, and plots of where, at what frequency and when."""
