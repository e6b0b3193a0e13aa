<resource schema="log" resdir=".">
  <meta name="creationDate">2026-11-20T10:00:00Z</meta>
  <meta name="title">Log of a survey that never was</meta>
  <meta name="description">300000 pointings around IRAS 16293-2422, made in the database for the tests of stopdesk.</meta>
  <meta name="subject">observational-astronomy</meta>
  <meta name="creator">Nobody</meta>
  <meta name="contentLevel">Research</meta>
  <meta name="type">Catalog</meta>

  <table id="main" onDisk="True" mixin="//scs#pgs-pos-index" adql="True">
    <primary>obs_id</primary>
    <stc>Position ICRS "s_ra" "s_dec"</stc>
    <column name="obs_id" type="integer" ucd="meta.id;meta.main" required="True"
      description="Number of the observation" verbLevel="1"/>
    <column name="receiver" type="text" ucd="meta.id;instr" description="Receiver" verbLevel="1"/>
    <column name="target" type="text" ucd="meta.id;src" description="What was looked at" verbLevel="1"/>
    <column name="s_ra" type="double precision" unit="deg" ucd="pos.eq.ra;meta.main"
      description="Right ascension (ICRS)" verbLevel="1"/>
    <column name="s_dec" type="double precision" unit="deg" ucd="pos.eq.dec;meta.main"
      description="Declination (ICRS)" verbLevel="1"/>
    <column name="t_start" type="double precision" unit="d" ucd="time.start;obs"
      description="Start (MJD)" verbLevel="1"/>
    <column name="f_low" type="double precision" unit="GHz" ucd="em.freq;stat.min"
      description="Lowest frequency" verbLevel="1"/>
    <column name="f_high" type="double precision" unit="GHz" ucd="em.freq;stat.max"
      description="Highest frequency" verbLevel="1"/>
    <column name="tsys" type="real" unit="K" ucd="phys.temperature"
      description="System temperature; unknown for every tenth" verbLevel="1"/>
  </table>

  <data id="import">
    <sources items="0"/>
    <nullGrammar/>
    <make table="main">
      <script lang="SQL" type="preIndex" name="fill"><![CDATA[
        SELECT setseed(0.5);
        INSERT INTO \schema.main (obs_id, receiver, target, s_ra, s_dec, t_start, f_low, f_high, tsys)
        SELECT i, (ARRAY['A230', 'B345'])[1 + i%2], 'field ' || (i%997),
          248 + 8*(random() - 0.5), -24.5 + 6*(random() - 0.5), 58000 + i*0.01,
          (ARRAY[228.0, 343.5])[1 + i%2], (ARRAY[236.0, 347.5])[1 + i%2],
          CASE WHEN i%10 = 0 THEN NULL ELSE 80 + 100*random() END
        FROM generate_series(1, 300000) AS series(i);
      ]]></script>
    </make>
  </data>

  <service id="cone" allowed="scs.xml">
    <meta name="shortName">log cone</meta>
    <meta name="testQuery.ra">248</meta>
    <meta name="testQuery.dec">-24.5</meta>
    <meta name="testQuery.sr">0.1</meta>
    <scsCore queriedTable="main">
      <FEED source="//scs#coreDescs"/>
    </scsCore>
  </service>
</resource>
