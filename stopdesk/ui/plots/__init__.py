"""What every plot can do: axes, crosshair, export."""
