"""The quantities that LTE and LVG give for a line; what is subtracted is said here and in every table."""

from __future__ import annotations

from stopdesk.domain.spec import Output

#: What the temperatures, intensities and fluxes are above, in every geometry.
SUBTRACTED = "The background (and the dust continuum, where there is dust) is subtracted."

_PEAK = "Without dust the peak is (J(T_ex) - J(T_bg))"
_FACE = f"{_PEAK} (1 - exp(-tau))"
_DISC = f"{_PEAK} (1 - 2/tau^2 + (2/tau + 2/tau^2) exp(-tau)), the average over the disc of the sphere"
_RECTANGLE = "the integral is 1.0645 FWHM times the peak"

#: What is seen of a line, by geometry and, where it is free, profile; ``radiation`` computes it and has the sources.
_SEEN: dict[str, str | dict[str, str]] = {
    "uniform_sphere": {
        "gaussian": f"{_DISC}, 2/3 of RADEX's T_R in thin lines; the integral is over the same with a Gaussian tau.",
        "rectangular": f"{_DISC}, 2/3 of RADEX's T_R in thin lines; {_RECTANGLE}.",
    },
    "uniform_slab": {
        "gaussian": f"{_FACE}; the integral is over the same with a Gaussian tau.",
        "rectangular": f"{_FACE}; {_RECTANGLE}.",
    },
    "expanding_slab": f"{_FACE}; {_RECTANGLE}.",
    "expanding_sphere": f"{_FACE}; the line is an average over the disc of the sphere, a parabola 1.0645 FWHM wide, so "
    "the integral is 0.7096 FWHM times the peak, 2/3 of RADEX's, and so is the flux.",
    "radex_uniform_sphere": f"{_FACE}, which is RADEX's T_R; {_RECTANGLE}, as in RADEX.",
    "radex_expanding_sphere": f"{_FACE}, which is RADEX's T_R; {_RECTANGLE}, as in RADEX.",
}


def subtracted(geometry: str = "uniform_slab", line_profile: str = "gaussian") -> str:
    """What is subtracted in a geometry, and how peak and integral follow from T_ex and tau there; LTE is the default.

    tau is the optical depth at the centre of the line, along the diameter of a sphere.
    """
    seen = _SEEN[geometry]
    return f"{SUBTRACTED} {seen if isinstance(seen, str) else seen[line_profile]}"


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
        description="Rayleigh-Jeans brightness temperature at the centre of the line, in uniform_sphere averaged over "
        f"its disc. {SUBTRACTED}",
        unit="K",
        ucd="phys.temperature;stat.max;spect.line",
    ),
    Output(
        name="integrated_intensity",
        label="∫T dv",
        description="Brightness temperature integrated over the line, in uniform_sphere and expanding_sphere averaged "
        f"over the disc. {SUBTRACTED}",
        unit="K km/s",
        ucd="spect.line.intensity",
    ),
    Output(
        name="flux",
        label="Flux",
        description="Intensity of the line integrated over frequency, in uniform_sphere and expanding_sphere averaged "
        f"over the disc. {SUBTRACTED}",
        unit="W m-2 sr-1",
        ucd="phot.radiance;spect.line",
    ),
)

CONVERGED = Output(
    name="converged",
    label="Converged",
    description="Whether the level populations of this parameter set converged; no numbers where they did not.",
    ucd="meta.code.status",
    per="row",
    kind=bool,
)
