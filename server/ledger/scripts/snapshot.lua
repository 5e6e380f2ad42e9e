#!lua flags=no-writes
-- snapshot: how the show stands, and the log's position that it belongs to. wire.py joins snapshot.lua, further sections
-- (snapshot_*.lua) and snapshot_end.lua. Cheap in a show of any size: of each kind (sale, coupon, lot, giveaway) only OPEN_MAX
-- that are announced or open and the ENDED_MAX that ended last (open:<kind>, ended:<kind>).
-- KEYS[1]  {sh:<show_id>}:meta
-- Returns  JSON of wire.ShowSnapshot, or nothing while the show is made again from SQL (restore.py). Lists are joined here: cjson writes an empty table as {}.
-- Mirrors rules.ShowState at the same seq; tests/ledger/test_snapshot.py.
local OPEN_MAX = 100 -- rules.OPEN_MAX
local TAG = string.sub(KEYS[1], 1, -5)
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'last_ms', 'fence')
if string.sub(meta[4] or '', 1, 9) == 'restoring' then return '' end -- guard: half of it may not be there
local clock = redis.call('TIME')
local now_ms = math.max(tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000), tonumber(meta[3] or '0'))
local sections = {
  '"epoch":' .. cjson.encode(meta[1] or ''), '"seq":' .. (meta[2] or '0'), '"now_ms":' .. string.format('%.0f', now_ms),
}

local function list(parts)
  return '[' .. table.concat(parts, ',') .. ']'
end

-- A hash as a JSON object, of these fields (of which those in `texts` are text, the others whole numbers) and what is in `extra`,
-- which is JSON already.
local function object(key, fields, texts, extra)
  local parts = {}
  for i, value in ipairs(redis.call('HMGET', key, unpack(fields))) do
    parts[i] = '"' .. fields[i] .. '":' .. (texts[fields[i]] and cjson.encode(value) or value)
  end
  for name, value in pairs(extra) do
    parts[#parts + 1] = '"' .. name .. '":' .. value
  end
  return '{' .. table.concat(parts, ',') .. '}'
end

-- Adds a list of things of a kind: what is open, then what ended last, the latest first.
local function section(name, kind, read)
  local parts = {}
  for _, id in ipairs(redis.call('ZRANGE', TAG .. 'open:' .. kind, 0, OPEN_MAX - 1)) do parts[#parts + 1] = read(id) end
  for _, id in ipairs(redis.call('LRANGE', TAG .. 'ended:' .. kind, 0, -1)) do parts[#parts + 1] = read(id) end
  sections[#sections + 1] = '"' .. name .. '":' .. list(parts)
end

local pools = {}
local skus = redis.call('SMEMBERS', TAG .. 'skus')
table.sort(skus)
for i, sku in ipairs(skus) do
  pools[i] = object(TAG .. 'pool:' .. sku, {'funded', 'held', 'sold', 'per_buyer_max'}, {}, {sku = cjson.encode(sku)})
end
sections[#sections + 1] = '"pools":' .. list(pools)

section('sales', 'sale', function(sale_id)
  local key, offers = TAG .. 'sale:' .. sale_id, {}
  for i, sku in ipairs(cjson.decode(redis.call('HGET', key, 'skus'))) do
    offers[i] = object(TAG .. 'offer:' .. sale_id .. ':' .. sku,
      {'quantity_max', 'per_buyer_max', 'price_minor', 'held', 'sold'}, {}, {sku = cjson.encode(sku)})
  end
  return object(key, {'state', 'currency', 'starts_at_ms', 'ends_at_ms'}, {state = true, currency = true},
    {sale_id = cjson.encode(sale_id), offers = list(offers)})
end)

section('coupons', 'coupon', function(code)
  return object(TAG .. 'coupon:' .. code, {'uses_max', 'per_buyer_max', 'used'}, {}, {code = cjson.encode(code)})
end)
