-- Up Migration
-- What was refused lately, for status: a tenant's refused messages stay as long as what they are about.
create index deliveries_refused on deliveries (tenant_id, updated_at desc) where state = 'refused';

-- Down Migration
drop index deliveries_refused;
