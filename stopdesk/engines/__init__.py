"""The numbers: one function a model, parameters in, tables out."""
