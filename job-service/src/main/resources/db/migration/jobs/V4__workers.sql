-- Workers that operators drain: they get nothing new until they are resumed.
create table jobs.worker_drain (
    worker_id text primary key,
    drained_by text not null,
    at timestamptz not null
);

-- What the reports told of the run: its start and its nodes, as JSON.
alter table jobs.attempt add column execution text;
