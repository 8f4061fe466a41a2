create table storage.assets (
    id           text primary key,
    tenant       text        not null,
    kind         text        not null check (kind in ('input', 'output')),
    job_id       text,
    attempt_id   text,
    index        integer,
    filename     text        not null,
    object_key   text        not null unique,
    content_type text        not null,
    size         bigint      not null check (size > 0),
    sha256       text        not null check (sha256 ~ '^[0-9a-f]{64}$'),
    state        text        not null check (state in ('pending', 'ready', 'discarded')),
    created_at   timestamptz not null,
    -- When the bytes of a discarded asset were deleted from the store; null while that is still to be done.
    removed_at   timestamptz,
    check ((kind = 'output') = (job_id is not null and attempt_id is not null and index is not null)),
    -- One output per position of an attempt, however often it is announced.
    unique (attempt_id, index)
);

create index assets_of_job on storage.assets (job_id) where job_id is not null;
create index assets_pending on storage.assets (created_at) where state = 'pending';

-- Jobs whose outcome is known, so that an attempt that comes late is refused.
create table storage.ended_jobs (
    job_id             text primary key,
    -- Null when the job ended without a result.
    winning_attempt_id text,
    ended_at           timestamptz not null
);
