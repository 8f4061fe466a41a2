alter table jobs.job
    -- The key that sent the job; quotas are counted by it.
    add column submitted_by text not null default '',
    -- What a worker must have; null when nothing is known.
    add column needs_id text,
    add column models text[] not null default '{}',
    -- How long it runs by experience, in seconds, and what that experience is filed under.
    add column estimate real not null default 10,
    add column deviation real not null default 0,
    add column experience integer not null default 0,
    add column shape text not null default '',
    add column vram_mb integer,
    -- When another job was first taken before it because its models were loaded.
    add column passed_at timestamptz;

alter table jobs.attempt add column decision text;

-- A lane is one tenant's jobs of one rank. Claims look at the heads of lanes, never at the whole queue.
-- The sum keeps PostgreSQL from walking job_submission in its order instead, which it takes for quick when most jobs wait.
create index job_lane on jobs.job (pool, tenant, queue_rank, (submission + 0)) where status = 'queued';
-- What runs: at most as many rows as there are slots.
create index job_held on jobs.job (pool, tenant, submitted_by) include (estimate) where status in ('running', 'canceling');
create index job_submitter on jobs.job (submitted_by) where status = 'queued';

drop index jobs.job_queue;
create index job_queue on jobs.job (pool, queue_rank, (submission + 0)) where status = 'queued';

create table jobs.needs (
    id text primary key,
    content text not null
);

-- GPU time a tenant has used in a pool, as of a time; it halves with each half-life.
create table jobs.tenant_usage (
    pool text not null,
    tenant text not null,
    gpu_seconds double precision not null,
    at timestamptz not null,
    granted_at timestamptz,
    primary key (pool, tenant)
);

-- How long prompts of one shape took: weighted mean and variance of the logarithm of seconds.
create table jobs.run_time (
    pool text not null,
    shape text not null,
    runs integer not null,
    log_mean double precision not null,
    log_variance double precision not null,
    primary key (pool, shape)
);

create table jobs.pause (
    kind text not null,
    name text not null,
    paused_by text not null,
    at timestamptz not null default clock_timestamp(),
    primary key (kind, name)
);

create table jobs.key_day (
    key_id text not null,
    day date not null,
    jobs integer not null,
    primary key (key_id, day)
);
