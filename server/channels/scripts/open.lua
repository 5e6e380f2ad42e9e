-- Where a channel stands and its last publications, newest first, read at one moment.
-- KEYS  1 log  2 meta
-- ARGV  1 run id of the server process  2 epoch for a channel that begins one  3 how many publications
-- Returns {epoch, offset, entries}. Proved by tests/channels/test_log.py.
local epoch, offset = position(KEYS[1], KEYS[2], ARGV[2], ARGV[1])
return {epoch, offset, redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', ARGV[3])}
