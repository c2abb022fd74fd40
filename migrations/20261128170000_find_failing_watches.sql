-- Up Migration
-- Tenants whose logs cannot be read are scanned apart from the others, so that nobody waits for them.
grant select (failing_since) on watches to loghunter_directory;

-- Down Migration
revoke select (failing_since) on watches from loghunter_directory;
