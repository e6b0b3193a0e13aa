"""What things are: parameters, specs, grids, jobs, runs. No Qt, no network, no files."""
