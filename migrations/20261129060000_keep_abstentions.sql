-- Up Migration
alter table analysis_results
  -- False: the answer was that the logs do not show a cause. It is kept so that people can say what it was; the cluster is
  -- then the first by rank, and no root cause of it is repeated.
  add column names_cause boolean not null default true;

-- Down Migration
-- Nobody who reads the earlier form knows that these are no causes.
delete from analysis_results where not names_cause;
alter table analysis_results drop column names_cause;
