-- Up Migration
-- The age of the oldest unsent message of all tenants is the alarm: src/http/metrics.ts.
grant select (created_at) on deliveries to loghunter_directory;

-- Down Migration
revoke select (created_at) on deliveries from loghunter_directory;
