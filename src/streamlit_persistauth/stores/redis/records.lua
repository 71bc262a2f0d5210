-- Records and counters in Redis or Valkey. Each call is atomic.
--
--   record:<id>        a record as JSON; expires with the record
--   hash:<hash>        the id of the record with this hash; expires with the record
--   session:<id>       the ids of the records of a session, by time of expiry
--   user:<id>          the ids of the records of a user, by time of expiry
--   counter:<key>      a counter as JSON; expires with the counter
--   expiry:<type>      the ids of a type, by time of expiry
--   made:<type>        the ids of a type, by time of creation
--   done:<id>          the result of an operation as JSON; expires after a minute or so
--   revocations        the ids of sessions and users, by the time of their last revocation
--
-- Times are microseconds since 1970. KEYS[1] is the prefix of all keys. ARGV is the command, the id
-- of the operation (empty for a read), the milliseconds to keep its result, '1' to keep it although
-- nothing has changed, and the arguments of the command.

local prefix = KEYS[1]
local PRUNED_AT_ONCE = 100
local REVOCATIONS_KEPT = 10000
local REVOCATIONS_EXPIRE_AFTER = 3600 -- seconds; open pages read them every half second

local function name(kind, id)
    return prefix .. kind .. ':' .. id
end

local function now()
    local time = redis.call('TIME')
    return time[1] * 1000000 + time[2]
end

local function milliseconds(moment)
    return string.format('%.0f', math.ceil(moment / 1000))
end

local function whole(moment)
    return string.format('%.0f', moment)
end

-- Add an id to an index until the record expires; the index expires with its last id.
local function index(key, id, expires_at)
    redis.call('ZREMRANGEBYSCORE', key, '-inf', whole(now()))
    redis.call('ZADD', key, whole(expires_at), id)
    local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
    redis.call('PEXPIREAT', key, milliseconds(tonumber(last[2])))
end

local function uncount(kind, id)
    redis.call('ZREM', name('expiry', kind), id)
    redis.call('ZREM', name('made', kind), id)
end

-- Add an id to the indexes of its type, and remove some ids that Redis has let expire.
local function count_in(kind, id, made_at, expires_at)
    local expiry = name('expiry', kind)
    local gone = redis.call('ZRANGEBYSCORE', expiry, '-inf', whole(now()), 'LIMIT', 0, PRUNED_AT_ONCE)
    for _, other in ipairs(gone) do
        uncount(kind, other)
    end
    redis.call('ZADD', expiry, whole(expires_at), id)
    redis.call('ZADD', name('made', kind), whole(made_at), id)
end

local function store(key, text, expires_at)
    redis.call('SET', key, text)
    redis.call('PEXPIREAT', key, milliseconds(expires_at))
end

local function read(id)
    local text = redis.call('GET', name('record', id))
    if text then
        return cjson.decode(text), text
    end
end

local function forget(record)
    redis.call('DEL', name('record', record.id), name('hash', record.token_hash))
    redis.call('ZREM', name('session', record.session_id), record.id)
    redis.call('ZREM', name('user', record.user_id), record.id)
    uncount(record.token_type, record.id)
end

local function keep(text, made_at, expires_at)
    local record = cjson.decode(text)
    store(name('record', record.id), text, expires_at)
    store(name('hash', record.token_hash), record.id, expires_at)
    index(name('user', record.user_id), record.id, expires_at)
    if record.session_id ~= '' then
        index(name('session', record.session_id), record.id, expires_at)
    end
    count_in(record.token_type, record.id, made_at, expires_at)
end

-- Return the JSON of the records of an index that have a type.
local function select_type(key, token_type)
    local found = {}
    for _, id in ipairs(redis.call('ZRANGE', key, 0, -1)) do
        local record, text = read(id)
        if record and record.token_type == token_type then
            found[#found + 1] = text
        end
    end
    return found
end

-- Delete the records of an index except those of one session; return their number.
local function forget_all(key, kept_session)
    local forgotten = 0
    for _, id in ipairs(redis.call('ZRANGE', key, 0, -1)) do
        local record = read(id)
        if record and record.session_id ~= kept_session then
            forget(record)
            forgotten = forgotten + 1
        end
    end
    return forgotten
end

local function last_revocation()
    return tonumber(redis.call('ZRANGE', prefix .. 'revocations', -1, -1, 'WITHSCORES')[2] or 0)
end

-- Number a revocation by the time, higher than all before.
local function log_revocation(subject_id)
    local log = prefix .. 'revocations'
    redis.call('ZADD', log, whole(math.max(now(), last_revocation() + 1)), subject_id)
    redis.call('ZREMRANGEBYRANK', log, 0, -1 - REVOCATIONS_KEPT)
    redis.call('EXPIRE', log, REVOCATIONS_EXPIRE_AFTER)
end

local commands = {}

function commands.now()
    return whole(now())
end

function commands.put(text, made_at, expires_at)
    local record = cjson.decode(text)
    local owner = redis.call('GET', name('hash', record.token_hash))
    if owner and owner ~= record.id then
        return redis.error_reply('TAKEN another record has this hash')
    end
    local old = read(record.id)
    if old then
        forget(old)
    end
    keep(text, tonumber(made_at), tonumber(expires_at))
    return 1
end

function commands.find(hash)
    local id = redis.call('GET', name('hash', hash))
    if id then
        return redis.call('GET', name('record', id))
    end
end

function commands.of_sessions(token_type, ...)
    local found = {}
    for _, session_id in ipairs({...}) do
        for _, text in ipairs(select_type(name('session', session_id), token_type)) do
            found[#found + 1] = text
        end
    end
    return found
end

-- Return how many of these sessions have a record of a type that expires after a time. Redis runs
-- nothing else meanwhile, so the records are not decoded.
function commands.count_sessions(token_type, moment, ...)
    local expiry, after, number = name('expiry', token_type), tonumber(moment), 0
    for _, session_id in ipairs({...}) do
        for _, id in ipairs(redis.call('ZRANGE', name('session', session_id), 0, -1)) do
            local expires_at = redis.call('ZSCORE', expiry, id)
            if expires_at and tonumber(expires_at) > after then
                number = number + redis.call('EXISTS', name('record', id))
            end
        end
    end
    return number
end

function commands.of_user(token_type, user_id)
    return select_type(name('user', user_id), token_type)
end

-- Return records of a type, newest first: the number of ids that were read, and the JSON.
function commands.newest(kind, first, size)
    local last = first + size - 1
    local ids = redis.call('ZREVRANGE', name('made', kind), first, string.format('%.0f', last))
    local found = {}
    for _, id in ipairs(ids) do
        local text = redis.call('GET', name('record', id))
        if text then
            found[#found + 1] = text
        end
    end
    return {#ids, found}
end

function commands.swap(id, revision, text, made_at, expires_at)
    local old = read(id)
    if not old or old.revision ~= tonumber(revision) then
        return 0
    end
    forget(old)
    keep(text, tonumber(made_at), tonumber(expires_at))
    return 1
end

function commands.consume(token_type, hash)
    local id = redis.call('GET', name('hash', hash))
    if not id then
        return nil
    end
    local record, text = read(id)
    if not record or record.token_type ~= token_type then
        return nil
    end
    forget(record)
    return text
end

function commands.end_session(session_id)
    local ended = forget_all(name('session', session_id))
    if ended > 0 then
        log_revocation(session_id)
    end
    return ended
end

-- Delete first: Redis refuses a script whose first write needs memory when it is full.
function commands.end_user(user_id, kept_session)
    local ended = forget_all(name('user', user_id), kept_session)
    log_revocation(user_id)
    return ended
end

function commands.last_revocation()
    return whole(last_revocation())
end

-- Return ids and numbers, in ascending order of the numbers.
function commands.revocations_after(number, limit)
    local log = prefix .. 'revocations'
    return redis.call('ZRANGEBYSCORE', log, '(' .. number, '+inf', 'WITHSCORES', 'LIMIT', 0, limit)
end

function commands.count(key)
    return redis.call('GET', name('counter', key))
end

function commands.swap_count(key, old, new, expires_at)
    local counter = name('counter', key)
    if (redis.call('GET', counter) or '') ~= old then
        return 0
    end
    if new == '' then
        redis.call('DEL', counter)
        uncount('counter', key)
    else
        store(counter, new, tonumber(expires_at))
        count_in('counter', key, now(), tonumber(expires_at))
    end
    return 1
end

-- Delete some of what expired before a time; return the number.
function commands.purge(kind, moment, limit)
    local expiry = name('expiry', kind)
    local ids = redis.call('ZRANGEBYSCORE', expiry, '-inf', '(' .. moment, 'LIMIT', 0, limit)
    for _, id in ipairs(ids) do
        local record = read(id)
        if kind == 'counter' then
            redis.call('DEL', name('counter', id))
        elseif record then
            forget(record)
        end
        uncount(kind, id)
    end
    return #ids
end

-- Return for each type the numbers of live and of expired ids, and the oldest time of creation.
function commands.counts(moment, ...)
    local counts = {}
    for position, kind in ipairs({...}) do
        local expiry, made = name('expiry', kind), name('made', kind)
        local oldest = redis.call('ZRANGE', made, 0, 0, 'WITHSCORES')
        counts[position] = {
            redis.call('ZCOUNT', expiry, '(' .. moment, '+inf'),
            redis.call('ZCOUNT', expiry, '-inf', moment),
            oldest[2] or false,
        }
    end
    return counts
end

-- Return the error of a server that may not be the primary: a write that changes nothing is refused
-- by a replica, and by a primary without the replicas that it is configured to need. A full disk
-- refuses writes too, and makes no answer wrong. Redis lets a script that has written go on although
-- the memory is full, so this comes last.
local function refusal()
    local answer = redis.pcall('DEL', prefix)
    if type(answer) == 'table' and not string.find(answer.err, 'MISCONF', 1, true) then
        return answer
    end
end

-- Run a command. An operation that is sent again, because its answer got lost, gets the first
-- answer and changes nothing.
local function run(command, operation, milliseconds, keeps_always, ...)
    local done = name('done', operation)
    local earlier = operation ~= '' and redis.call('GET', done)
    if earlier then
        if keeps_always == '1' then -- WAIT waits only for what its connection has written
            redis.call('PEXPIRE', done, milliseconds)
        end
        return cjson.decode(earlier)[1]
    end
    local result = commands[command](...)
    local has_changed = operation ~= '' and result and result ~= 0
    if type(result) == 'table' and result.err then
        return result
    elseif has_changed or keeps_always == '1' then
        redis.call('SET', done, cjson.encode({result}), 'PX', milliseconds)
        return result
    end
    return refusal() or result
end

return run(unpack(ARGV))
