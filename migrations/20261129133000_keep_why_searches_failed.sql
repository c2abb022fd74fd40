-- Up Migration
alter table conversations
  -- For people: what whoever waited was told. Null: it did not fail, or before this was kept.
  add column failure text;

-- Down Migration
alter table conversations drop column failure;
