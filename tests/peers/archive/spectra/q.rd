<resource schema="spectra" resdir=".">
  <meta name="creationDate">2026-11-20T10:00:00Z</meta>
  <meta name="title">Spectra of a survey that never was</meta>
  <meta name="description">Synthetic spectra, made by the tests of stopdesk.</meta>
  <meta name="subject">molecular-spectroscopy</meta>
  <meta name="creator">Nobody</meta>
  <meta name="contentLevel">Research</meta>
  <meta name="type">Archive</meta>
  <meta name="ssap.dataSource">artificial</meta>
  <meta name="ssap.creationType">archival</meta>
  <meta name="productType">spectrum</meta>
  <meta name="ssap.testQuery">MAXREC=1</meta>

  <table id="raw_data" onDisk="True" adql="hidden" namePath="//ssap#instance">
    <LOOP listItems="ssa_dateObs ssa_dstitle ssa_targname ssa_length ssa_specres ssa_timeExt ssa_specstart ssa_specend">
      <events><column original="\item"/></events>
    </LOOP>
    <mixin>//products#table</mixin>
    <mixin>//ssap#plainlocation</mixin>
    <mixin>//ssap#simpleCoverage</mixin>
    <FEED source="//scs#splitPosIndex"
      long="degrees(long(ssa_location))" lat="degrees(lat(ssa_location))"/>
    <column name="datalink" type="text" ucd="meta.ref.url"
      description="What belongs to this spectrum" verbLevel="15" displayHint="type=url">
      <property name="targetType">application/x-votable+xml;content=datalink</property>
    </column>
  </table>

  <data id="import">
    <recreateAfter>make_view</recreateAfter>
    <sources pattern="data/*.fits"/>
    <fitsProdGrammar qnd="True">
      <rowfilter procDef="//products#define">
        <bind key="table">"\schema.raw_data"</bind>
        <bind key="path">\fullDLURL{sdl}</bind>
        <bind key="fsize">20000</bind>
        <bind key="datalink">"\rdId#sdl"</bind>
        <bind key="mime">"application/x-votable+xml"</bind>
      </rowfilter>
    </fitsProdGrammar>
    <make table="raw_data">
      <rowmaker idmaps="*">
        <apply procDef="//ssap#fill-plainlocation">
          <bind key="ra">float(@RA)</bind>
          <bind key="dec">float(@DEC)</bind>
          <bind key="aperture">20/3600.</bind>
        </apply>
        <map key="ssa_dateObs">float(@MJD_OBS)</map>
        <map key="ssa_dstitle">"{} at {} GHz".format(@OBJECT, round(float(@CRVAL1)/1e9))</map>
        <map key="ssa_targname">@OBJECT</map>
        <map key="ssa_specstart">299792458./(float(@CRVAL1)+(int(@NAXIS1)-1)*float(@CDELT1))</map>
        <map key="ssa_specend">299792458./float(@CRVAL1)</map>
        <map key="ssa_length">int(@NAXIS1)</map>
        <map key="ssa_timeExt">float(@EXPTIME)</map>
        <map key="ssa_specres">299792458.*float(@CDELT1)/float(@CRVAL1)**2</map>
        <map key="datalink">\dlMetaURI{sdl}</map>
      </rowmaker>
    </make>
  </data>

  <table id="data" onDisk="True" adql="True">
    <meta name="_associatedDatalinkService">
      <meta name="serviceId">sdl</meta>
      <meta name="idColumn">ssa_pubDID</meta>
    </meta>
    <mixin sourcetable="raw_data" copiedcolumns="*"
      ssa_aperture="20/3600." ssa_fluxunit="'K'" ssa_spectralunit="'Hz'"
      ssa_fluxucd="'phot.antennaTemp'" ssa_spectralucd="'em.freq'"
      ssa_fluxcalib="'CALIBRATED'" ssa_speccalib="'ABSOLUTE'"
    >//ssap#view</mixin>
    <mixin calibLevel="2" coverage="ssa_region" sResolution="NULL"
      oUCD="ssa_fluxucd" emUCD="ssa_spectralucd"
    >//obscore#publishSSAPMIXC</mixin>
  </table>

  <data id="make_view" auto="False">
    <make table="data"/>
  </data>

  <table id="instance" onDisk="False">
    <mixin ssaTable="data" spectralDescription="Frequency"
      fluxDescription="Antenna temperature">//ssap#sdm-instance</mixin>
  </table>

  <data id="build_spectrum">
    <embeddedGrammar>
      <iterator>
        <setup imports="os, urllib.parse"><code>
          from gavo.utils import pyfits
        </code></setup>
        <code>
          name = urllib.parse.unquote(self.sourceToken["ssa_pubDID"].split("?", 1)[-1])
          with pyfits.open(os.path.join(base.getConfig("inputsDir"), name)) as units:
            header, flux = units[0].header, units[0].data
            for i, value in enumerate(flux):
              yield {"spectral": header["CRVAL1"] + i*header["CDELT1"], "flux": float(value)}
        </code>
      </iterator>
    </embeddedGrammar>
    <make table="instance">
      <parmaker><apply procDef="//ssap#feedSSAToSDM"/></parmaker>
    </make>
  </data>

  <service id="sdl" allowed="dlget,dlmeta">
    <meta name="title">What belongs to the spectra</meta>
    <datalinkCore>
      <descriptorGenerator procDef="//soda#sdm_genDesc">
        <bind key="ssaTD">"\rdId#data"</bind>
      </descriptorGenerator>
      <dataFunction procDef="//soda#sdm_genData">
        <bind key="builder">"\rdId#build_spectrum"</bind>
      </dataFunction>
      <FEED source="//soda#sdm_plainfluxcalib"/>
      <FEED source="//soda#sdm_cutout"/>
      <FEED source="//soda#sdm_format"/>
    </datalinkCore>
  </service>

  <service id="ssa" allowed="ssap.xml">
    <meta name="shortName">spectra SSAP</meta>
    <meta name="ssap.complianceLevel">full</meta>
    <ssapCore queriedTable="data">
      <FEED source="//ssap#hcd_condDescs"/>
    </ssapCore>
  </service>
</resource>
