#!lua flags=no-writes
-- pools: what is left of every pool, and the log's position that it belongs to.
-- KEYS[1]  {sh:<show_id>}:meta
-- Returns  epoch ('' = the show has no log yet), seq, then per pool five: sku, funded, held, sold, per_buyer_max
-- Mirrors rules.ShowState.pools at the same seq; tests/ledger/test_ledger.py.
local TAG = string.sub(KEYS[1], 1, -5)
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'seq')
local reply = {meta[1] or '', meta[2] or '0'}
for _, sku in ipairs(redis.call('SMEMBERS', TAG .. 'skus')) do
  reply[#reply + 1] = sku
  for _, value in ipairs(redis.call('HMGET', TAG .. 'pool:' .. sku, 'funded', 'held', 'sold', 'per_buyer_max')) do
    reply[#reply + 1] = value
  end
end
return reply
