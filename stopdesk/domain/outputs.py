"""The quantities that LTE and LVG give for a line; what is subtracted is said here and in every table."""

from __future__ import annotations

from stopdesk.domain.spec import Output

#: What the temperatures, intensities and fluxes are above, for the metadata of every table.
SUBTRACTED = (
    "The background (and the dust continuum, where there is dust) is subtracted: "
    "(J(T_ex) - J(T_bg)) (1 - exp(-tau)) without dust."
)

TRANSITION_OUTPUTS = (
    Output(
        name="transition",
        label="Transition",
        description="Upper and lower level as the molecule's file names them.",
        ucd="meta.id;spect.line",
        per="transition",
        kind=str,
    ),
    Output(
        name="frequency",
        label="Frequency",
        description="Rest frequency of the line.",
        unit="GHz",
        ucd="em.freq;spect.line",
        per="transition",
    ),
    Output(
        name="upper_energy",
        label="E_up",
        description="Energy of the upper level above the ground.",
        unit="K",
        ucd="phys.energy;phys.atmol.level",
        per="transition",
    ),
    Output(
        name="einstein_a",
        label="A",
        description="Einstein coefficient of spontaneous emission.",
        unit="s-1",
        ucd="phys.atmol.transProb",
        per="transition",
    ),
)

LINE_OUTPUTS = (
    Output(
        name="excitation_temperature",
        label="T_ex",
        description="Excitation temperature of the line.",
        unit="K",
        ucd="phys.temperature;phys.atmol",
    ),
    Output(
        name="optical_depth",
        label="τ",
        description="Optical depth at the centre of the line, without dust; along the diameter of a sphere.",
        ucd="phys.absorption.opticalDepth;spect.line",
    ),
    Output(
        name="peak_temperature",
        label="T_peak",
        description=f"Rayleigh-Jeans brightness temperature at the centre of the line. {SUBTRACTED}",
        unit="K",
        ucd="phys.temperature;stat.max;spect.line",
    ),
    Output(
        name="integrated_intensity",
        label="∫T dv",
        description=f"Brightness temperature integrated over the line. {SUBTRACTED}",
        unit="K km/s",
        ucd="spect.line.intensity",
    ),
    Output(
        name="flux",
        label="Flux",
        description=f"Intensity of the line integrated over frequency. {SUBTRACTED}",
        unit="W m-2 sr-1",
        ucd="phot.radiance;spect.line",
    ),
)
