"""Tables in other formats than VOTable, read as the same astropy Tables that VOTables are read as, and written."""
