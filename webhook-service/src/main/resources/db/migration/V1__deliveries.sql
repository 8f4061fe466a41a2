-- One row per webhook. The body is stored as the bytes that are signed and sent, so that every try is the same.
create table webhooks.deliveries (
    id              text primary key,
    job_id          text        not null,
    tenant          text        not null,
    url             text        not null,
    event           text        not null,
    body            bytea       not null,
    state           text        not null default 'pending' check (state in ('pending', 'delivered', 'failed')),
    attempts        integer     not null default 0,
    next_attempt_at timestamptz not null default now(),
    lease           uuid,
    leased_until    timestamptz,
    last_status     integer,
    last_error      text,
    created_at      timestamptz not null default now(),
    ended_at        timestamptz,
    traceparent     text
);

create index deliveries_due on webhooks.deliveries (next_attempt_at) where state = 'pending';
create index deliveries_of_job on webhooks.deliveries (job_id);
