alter table jobs.job
    -- Limits as they were when the job was submitted.
    add column waiting_seconds integer not null default 86400,
    add column start_seconds integer not null default 600,
    add column no_progress_seconds integer not null default 600,
    add column total_seconds integer not null default 3600,
    add column deadline timestamptz,
    -- When its time is up in the state it is in; null when nothing would end it.
    add column due_at timestamptz,
    -- Whether it was moved to a larger pool; that is done once.
    add column enlarged boolean not null default false,
    -- Whose attempt ended last without a result; another worker is the better choice.
    add column last_worker_id text,
    add column requeued_from text,
    add column requeued_as text;

create index job_due on jobs.job (status, due_at) where due_at is not null;

-- Jobs that failed for good through no fault of their own, until an operator has seen to them.
create table jobs.dead_letter (
    job_id text primary key references jobs.job (id),
    entry bigint generated always as identity,
    created_at timestamptz not null default clock_timestamp()
);

create unique index dead_letter_entry on jobs.dead_letter (entry);
