<resource schema="stop" resdir=".">
  <!-- Made by resources/dachs/make_descriptor.py from the declarations of the models: change those, not this.

    Numbers are of type text, since each of them may be an axis of a grid, written min:max:n or min:max:n:log, or a
    number with a unit behind it; the unit given here is that of a number without one. -->
  <meta name="creationDate">2026-11-20T12:00:00Z</meta>
  <meta name="title">Models of molecular lines</meta>
  <meta name="description">Level populations and line intensities of interstellar molecules, in local thermodynamic
    equilibrium or with escape probabilities, for one set of conditions or a grid of them.</meta>
  <meta name="subject">radiative-transfer-simulations</meta>
  <meta name="creator">The stopdesk authors</meta>
  <meta name="type">Simulation</meta>

  <!-- DaCHS looks at its queue once a minute only. This works where stop/q is among the preloadRDs. -->
  <execute title="stop: start what is queued" every="3">
    <job><code>
      for name in ['lte', 'lvg']:
        rd.getById(name).core.start_queued()
    </code></job>
  </execute>

  <!-- A job that was deleted behind the back of its service leaves its engine behind. -->
  <execute title="stop: end what is left of deleted jobs" every="15">
    <job><code>
      rd.getById('lte').core.end_orphans()
    </code></job>
  </execute>

  <service id="lte" allowed="async,api">
    <meta name="shortName">stopdesk LTE</meta>
    <meta name="title">LTE: Local thermodynamic equilibrium in a uniform slab</meta>
    <meta name="description">All levels are populated at one excitation temperature; the partition function is the sum over the levels of the molecule's file. Lines have a Gaussian profile in a uniform slab. Temperatures are Rayleigh-Jeans brightness temperatures from which the background has been subtracted. Reference: Mangum &amp; Shirley 2015, PASP 127, 266.</meta>
    <customCore module="bin/stop_core">
      <property name="model">lte</property>
      <inputTable>
        <inputKey name="molecule" type="text" ucd="phys.mol" tablehead="Molecule" multiplicity="single" preparse="return input and input.strip().lower()" description="One of the bundled molecules, as described by a file of the Leiden database LAMDA. Options: co, hco+, hcn, hcn@hfs, hnc, cn, cs, cs@lique, sio, so, so@ph2, so2, o-h2cs, p-h2cs, p-h2s, ocs, hc3n, o-nh3, p-nh3, oh, oh@hfs, oh+, o-h3o+, p-h3o+, o-ch2, p-ch2, o-c3h2, p-c3h2, sic2, hcl, hcl@hfs, hd, o2, c, c+, n+, o. Default: co."><values default="co"><option>co</option><option>hco+</option><option>hcn</option><option>hcn@hfs</option><option>hnc</option><option>cn</option><option>cs</option><option>cs@lique</option><option>sio</option><option>so</option><option>so@ph2</option><option>so2</option><option>o-h2cs</option><option>p-h2cs</option><option>p-h2s</option><option>ocs</option><option>hc3n</option><option>o-nh3</option><option>p-nh3</option><option>oh</option><option>oh@hfs</option><option>oh+</option><option>o-h3o+</option><option>p-h3o+</option><option>o-ch2</option><option>p-ch2</option><option>o-c3h2</option><option>p-c3h2</option><option>sic2</option><option>hcl</option><option>hcl@hfs</option><option>hd</option><option>o2</option><option>c</option><option>c+</option><option>n+</option><option>o</option></values></inputKey>
        <inputKey name="molecule_file" type="file" ucd="phys.mol;meta.file" tablehead="Molecule file" description="A file in the format of LAMDA that is used instead of a bundled molecule. Upload a part PART and announce it as UPLOAD=molecule_file,param:PART."/>
        <inputKey name="column_density" type="text" unit="cm-2" ucd="phys.columnDensity" tablehead="Column density" multiplicity="single" description="Column density of the molecule: through the slab, or along the diameter of the sphere. Range: above 0 to 1e26 cm-2. Default: 1e15. An axis of a grid is written min:max:n or min:max:n:log."><values default="1e15"/></inputKey>
        <inputKey name="excitation_temperature" type="text" unit="K" ucd="phys.temperature;phys.atmol" tablehead="Excitation temperature" multiplicity="single" description="The one temperature that populates all levels. Range: 0.1 to 1e5 K. Default: 20. An axis of a grid is written min:max:n or min:max:n:log."><values default="20"/></inputKey>
        <inputKey name="line_width" type="text" unit="km/s" ucd="spect.line.width" tablehead="Line width (FWHM)" multiplicity="single" description="Full width at half maximum of the line; a rectangular profile is 1.0645 times as wide, which gives it the area and the peak of the Gaussian. Range: above 0 to 5000 km/s. Default: 1. An axis of a grid is written min:max:n or min:max:n:log."><values default="1"/></inputKey>
        <inputKey name="background_temperature" type="text" unit="K" ucd="phys.temperature;instr.background" tablehead="Background temperature" multiplicity="single" description="Temperature of the black body behind and around the gas; 2.725 K is the cosmic background. Range: 0.1 to 10000 K. Default: 2.725. An axis of a grid is written min:max:n or min:max:n:log."><values default="2.725"/></inputKey>
        <inputKey name="frequency_min" type="text" unit="GHz" ucd="em.freq;stat.min" tablehead="Lowest frequency" multiplicity="single" description="Lines below this frequency are computed but left out of the results. Range: 0 to 1e8 GHz."/>
        <inputKey name="frequency_max" type="text" unit="GHz" ucd="em.freq;stat.max" tablehead="Highest frequency" multiplicity="single" description="Lines above this frequency are computed but left out of the results. Range: above 0 to 1e8 GHz."/>
      </inputTable>
    </customCore>
  </service>

  <service id="lvg" allowed="async,api">
    <meta name="shortName">stopdesk LVG</meta>
    <meta name="title">LVG: Non-LTE excitation with escape probabilities</meta>
    <meta name="description">Level populations of a molecule in statistical equilibrium, with the radiation in its own lines treated by escape probability, for one set of conditions or a grid of them. The numbers are those of pythonradex; two of the geometries use RADEX's own expressions. Temperatures are Rayleigh-Jeans brightness temperatures from which the background (and the dust continuum, where there is dust) has been subtracted. Reference: Cataldi 2024 (pythonradex); van der Tak et al. 2007, A&amp;A 468, 627 (RADEX); Sobolev 1960.</meta>
    <customCore module="bin/stop_core">
      <property name="model">lvg</property>
      <inputTable>
        <inputKey name="molecule" type="text" ucd="phys.mol" tablehead="Molecule" multiplicity="single" preparse="return input and input.strip().lower()" description="One of the bundled molecules, as described by a file of the Leiden database LAMDA. Options: co, hco+, hcn, hcn@hfs, hnc, cn, cs, cs@lique, sio, so, so@ph2, so2, o-h2cs, p-h2cs, p-h2s, ocs, hc3n, o-nh3, p-nh3, oh, oh@hfs, oh+, o-h3o+, p-h3o+, o-ch2, p-ch2, o-c3h2, p-c3h2, sic2, hcl, hcl@hfs, hd, o2, c, c+, n+, o. Default: co."><values default="co"><option>co</option><option>hco+</option><option>hcn</option><option>hcn@hfs</option><option>hnc</option><option>cn</option><option>cs</option><option>cs@lique</option><option>sio</option><option>so</option><option>so@ph2</option><option>so2</option><option>o-h2cs</option><option>p-h2cs</option><option>p-h2s</option><option>ocs</option><option>hc3n</option><option>o-nh3</option><option>p-nh3</option><option>oh</option><option>oh@hfs</option><option>oh+</option><option>o-h3o+</option><option>p-h3o+</option><option>o-ch2</option><option>p-ch2</option><option>o-c3h2</option><option>p-c3h2</option><option>sic2</option><option>hcl</option><option>hcl@hfs</option><option>hd</option><option>o2</option><option>c</option><option>c+</option><option>n+</option><option>o</option></values></inputKey>
        <inputKey name="molecule_file" type="file" ucd="phys.mol;meta.file" tablehead="Molecule file" description="A file in the format of LAMDA that is used instead of a bundled molecule. Upload a part PART and announce it as UPLOAD=molecule_file,param:PART."/>
        <inputKey name="geometry" type="text" tablehead="Geometry" multiplicity="single" description="How photons escape. Those 'as in RADEX' repeat its expressions; RADEX's slab is the expanding slab. Slabs and those as in RADEX have the brightness of one line of sight; the other two spheres are averaged over their disc: thin lines of the uniform sphere peak at 2/3 of RADEX's T_R, and the expanding sphere has its peak but 2/3 of its integral and flux. Options: expanding_sphere, expanding_slab, uniform_sphere, uniform_slab, radex_uniform_sphere, radex_expanding_sphere. Default: expanding_sphere."><values default="expanding_sphere"><option>expanding_sphere</option><option>expanding_slab</option><option>uniform_sphere</option><option>uniform_slab</option><option>radex_uniform_sphere</option><option>radex_expanding_sphere</option></values></inputKey>
        <inputKey name="line_profile" type="text" ucd="spect.line.profile" tablehead="Line profile" multiplicity="single" description="Shape of the line in the uniform geometries; the expanding ones have a rectangular profile. Options: gaussian, rectangular. Default: gaussian."><values default="gaussian"><option>gaussian</option><option>rectangular</option></values></inputKey>
        <inputKey name="column_density" type="text" unit="cm-2" ucd="phys.columnDensity" tablehead="Column density" multiplicity="single" description="Column density of the molecule: through the slab, or along the diameter of the sphere. Range: above 0 to 1e26 cm-2. Default: 1e15. An axis of a grid is written min:max:n or min:max:n:log."><values default="1e15"/></inputKey>
        <inputKey name="density_h2" type="text" unit="cm-3" ucd="phys.density;phys.mol" tablehead="H₂ density" multiplicity="single" description="Number density of H2 as a collision partner. Range: 0 to 1e16 cm-3. An axis of a grid is written min:max:n or min:max:n:log."/>
        <inputKey name="kinetic_temperature" type="text" unit="K" ucd="phys.temperature" tablehead="Kinetic temperature" multiplicity="single" description="Temperature of the gas, which sets the collision rates. Range: 0.1 to 1e5 K. Default: 20. An axis of a grid is written min:max:n or min:max:n:log."><values default="20"/></inputKey>
        <inputKey name="line_width" type="text" unit="km/s" ucd="spect.line.width" tablehead="Line width (FWHM)" multiplicity="single" description="Full width at half maximum of the line; a rectangular profile is 1.0645 times as wide, which gives it the area and the peak of the Gaussian. Range: above 0 to 5000 km/s. Default: 1. An axis of a grid is written min:max:n or min:max:n:log."><values default="1"/></inputKey>
        <inputKey name="background_temperature" type="text" unit="K" ucd="phys.temperature;instr.background" tablehead="Background temperature" multiplicity="single" description="Temperature of the black body behind and around the gas; 2.725 K is the cosmic background. Range: 0.1 to 10000 K. Default: 2.725. An axis of a grid is written min:max:n or min:max:n:log."><values default="2.725"/></inputKey>
        <inputKey name="ortho_para_ratio" type="text" ucd="phys.abund;arith.ratio" tablehead="Ortho-to-para ratio of H₂" multiplicity="single" description="How a density of H2 is split where the file has rates for ortho- and para-H2 only; thermal means min(3, 9 exp(-170.6 K/T)). Range: 0 to 10000, or thermal. Default: thermal. An axis of a grid is written min:max:n or min:max:n:log."><values default="thermal"/></inputKey>
        <inputKey name="density_ph2" type="text" unit="cm-3" ucd="phys.density;phys.mol" tablehead="para-H₂ density" multiplicity="single" description="Number density of para-H2 as a collision partner. Range: 0 to 1e16 cm-3. An axis of a grid is written min:max:n or min:max:n:log."/>
        <inputKey name="density_oh2" type="text" unit="cm-3" ucd="phys.density;phys.mol" tablehead="ortho-H₂ density" multiplicity="single" description="Number density of ortho-H2 as a collision partner. Range: 0 to 1e16 cm-3. An axis of a grid is written min:max:n or min:max:n:log."/>
        <inputKey name="density_e" type="text" unit="cm-3" ucd="phys.density;phys.particle" tablehead="Electron density" multiplicity="single" description="Number density of e as a collision partner. Range: 0 to 1e16 cm-3. An axis of a grid is written min:max:n or min:max:n:log."/>
        <inputKey name="density_h" type="text" unit="cm-3" ucd="phys.density;phys.particle" tablehead="H density" multiplicity="single" description="Number density of H as a collision partner. Range: 0 to 1e16 cm-3. An axis of a grid is written min:max:n or min:max:n:log."/>
        <inputKey name="density_he" type="text" unit="cm-3" ucd="phys.density;phys.particle" tablehead="He density" multiplicity="single" description="Number density of He as a collision partner. Range: 0 to 1e16 cm-3. An axis of a grid is written min:max:n or min:max:n:log."/>
        <inputKey name="density_hp" type="text" unit="cm-3" ucd="phys.density;phys.particle" tablehead="H⁺ density" multiplicity="single" description="Number density of H+ as a collision partner. Range: 0 to 1e16 cm-3. An axis of a grid is written min:max:n or min:max:n:log."/>
        <inputKey name="dust_temperature" type="text" unit="K" ucd="phys.temperature;phys.dust" tablehead="Dust temperature" multiplicity="single" description="Temperature of the dust; matters where its optical depth is above zero. Range: 0.1 to 10000 K. Default: 20. An axis of a grid is written min:max:n or min:max:n:log."><values default="20"/></inputKey>
        <inputKey name="dust_optical_depth" type="text" ucd="phys.absorption.opticalDepth;phys.dust" tablehead="Dust optical depth" multiplicity="single" description="Optical depth of the dust, the same at all frequencies; along the diameter of the sphere. Range: 0 to 10000. Default: 0. An axis of a grid is written min:max:n or min:max:n:log."><values default="0"/></inputKey>
        <inputKey name="frequency_min" type="text" unit="GHz" ucd="em.freq;stat.min" tablehead="Lowest frequency" multiplicity="single" description="Lines below this frequency are computed but left out of the results. Range: 0 to 1e8 GHz."/>
        <inputKey name="frequency_max" type="text" unit="GHz" ucd="em.freq;stat.max" tablehead="Highest frequency" multiplicity="single" description="Lines above this frequency are computed but left out of the results. Range: above 0 to 1e8 GHz."/>
      </inputTable>
    </customCore>
  </service>
</resource>
