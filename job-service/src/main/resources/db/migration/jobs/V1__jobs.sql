create table jobs.job (
    id text primary key,
    submission bigint generated always as identity,
    tenant text not null,
    pool text not null,
    priority smallint not null,
    status text not null,
    -- Place in the queue: the priority's rank, or 0 for a job whose worker gave it back.
    queue_rank smallint not null,
    queued_at timestamptz not null,
    not_before timestamptz not null,
    event_seq bigint not null,
    workflow_id text,
    -- Text and not jsonb: the order of the nodes and integers up to 2^64-1 stay as they were sent.
    graph text not null,
    inputs text not null,
    metadata text not null,
    callback_url text,
    allow_partial_outputs boolean not null,
    traceparent text,
    attempts integer not null,
    failures integer not null,
    lost_workers integer not null,
    attempt_id text,
    worker_id text,
    canceling_since timestamptz,
    outputs text,
    failure text,
    execution_time_ms bigint,
    created_at timestamptz not null,
    started_at timestamptz,
    completed_at timestamptz
);

create index job_queue on jobs.job (pool, queue_rank, submission) where status = 'queued';
create index job_canceling on jobs.job (canceling_since) where status = 'canceling';
create unique index job_submission on jobs.job (submission);
create index job_tenant on jobs.job (tenant, submission desc);

create table jobs.attempt (
    id text primary key,
    job_id text not null references jobs.job (id),
    number integer not null,
    worker_id text not null,
    instance_id text not null,
    claim_id text not null unique,
    phase text not null,
    progress text,
    lease_until timestamptz not null,
    granted_at timestamptz not null,
    ended_at timestamptz,
    end_reason text,
    unique (job_id, number)
);

create index attempt_lease on jobs.attempt (lease_until) where ended_at is null;
create index attempt_worker on jobs.attempt (worker_id) where ended_at is null;

create table jobs.job_event (
    job_id text not null references jobs.job (id),
    seq bigint not null,
    type text not null,
    data text not null,
    at timestamptz not null,
    primary key (job_id, seq)
);

create table jobs.idempotency (
    tenant text not null,
    key text not null,
    body_sha256 text not null,
    job_id text not null,
    created_at timestamptz not null default now(),
    primary key (tenant, key)
);

create table jobs.outbox (
    id bigserial primary key,
    topic text not null,
    key text not null,
    headers text not null,
    payload bytea not null,
    created_at timestamptz not null default clock_timestamp()
);
