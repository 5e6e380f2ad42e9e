-- lots: how a lot is kept, what time does to it, and its price; used by the operations on lots.
-- Mirrors rules/records.py (LotRecord) and rules/lots.py (ripe, outbid, soft_close); tests/ledger/test_agreement.py,
-- test_mutations.py.
--
--   lot:<id>   hash   the fields of LotRecord, terms as JSON; nothing in it grows with the number of bids. In `due` by its start
--                     while it is announced, by its end while it is open.
local CONFIRM_TIMES = 3 -- guard: fat finger

-- Lots that this call has read, and those of them that it has changed: a batch of bids on one lot reads, decodes and writes it
-- once. Nobody else changes them meanwhile; dispatch.lua writes them at the end.
local lots, changed_lots = {}, {}

local function load_lot(lot_id)
  if lots[lot_id] then return lots[lot_id] end
  local found = redis.call('HMGET', TAG .. 'lot:' .. lot_id, 'terms', 'starts_at_ms', 'ends_at_ms', 'hard_ends_at_ms', 'state',
    'price_minor', 'leader_id', 'leader_max_minor', 'bids', 'hold_id')
  if not found[1] then return nil end -- guard: unknown lot
  local lot = {
    terms = cjson.decode(found[1]), starts_at_ms = tonumber(found[2]), ends_at_ms = tonumber(found[3]),
    hard_ends_at_ms = tonumber(found[4]), state = found[5], price_minor = tonumber(found[6]), leader_id = found[7],
    leader_max_minor = tonumber(found[8]), bids = tonumber(found[9]), hold_id = found[10],
  }
  rawset(lots, lot_id, lot)
  return lot
end

-- The lot will be written.
local function change_lot(lot_id, lot)
  changed_lots[lot_id] = lot
end

-- Writes: lots that were changed.
local function save_lots()
  for lot_id, lot in pairs(changed_lots) do
    redis.call('HSET', TAG .. 'lot:' .. lot_id, 'state', lot.state, 'price_minor', int(lot.price_minor), 'leader_id', lot.leader_id,
      'leader_max_minor', int(lot.leader_max_minor), 'bids', int(lot.bids), 'ends_at_ms', int(lot.ends_at_ms),
      'hold_id', lot.hold_id)
  end
end

-- Mirrors rules.records.increment.
local function increment(terms, price_minor)
  local step
  for _, row in ipairs(terms.increments) do
    if row[1] > price_minor then break end -- guard: row of the price
    step = row[2]
  end
  return step
end

local function next_minor(lot)
  if lot.bids == 0 then return lot.terms.start_minor end -- guard: first bid
  return lot.price_minor + increment(lot.terms, lot.price_minor)
end

-- Without its secrets, as an event shows it. The caller knows the least next bid.
local function standing(lot, least_minor)
  return {
    price_minor = lot.price_minor, next_minor = least_minor, leader_id = lot.leader_id, bids = lot.bids,
    ends_at_ms = lot.ends_at_ms, reserve_met = lot.leader_max_minor >= lot.terms.reserve_minor, -- guard: reserve met
  }
end

-- Writes: time asks nothing more of the lot.
local function end_lot(lot_id, lot, state)
  if lot.state == 'announced' or lot.state == 'open' then -- guard: a lot ends once
    redis.call('ZREM', TAG .. 'due', 'lot:' .. lot_id)
    note_ended('lot', lot_id)
  end
  lot.state = state
  change_lot(lot_id, lot)
end

-- Writes: the units of a lot, which changes, are held for a buyer from now on. They do not count towards what the buyer may take.
local function hold_lot(lot, hold_id, buyer_id, expires_at_ms)
  local line = {sku = lot.terms.sku, quantity = lot.terms.quantity}
  local hold = {
    buyer_id = buyer_id, lines = {line}, expires_at_ms = expires_at_ms, state = 'held', extensions = 0, counts = false,
  }
  save_hold(hold_id, hold)
  redis.call('ZADD', TAG .. 'due', int(expires_at_ms), 'hold:' .. hold_id)
  lot.hold_id = hold_id
end

-- Whether the lot's units are still put aside: by itself, or by the present hold. Returns the hold as well, which may be
-- forgotten when it was given back long ago.
local function lot_units(lot)
  if lot.state == 'announced' or lot.state == 'open' then return true end -- guard: not sold yet
  local hold = load_hold(lot.hold_id)
  return hold and hold.state == 'held', hold -- guard: forgotten hold
end

-- Writes: the hold before, when it is still open, ends with what takes its units.
local function end_lot_hold(lot, hold)
  if hold and hold.state == 'held' then -- guard: open hold of a lot
    hold.state = 'released'
    redis.call('ZREM', TAG .. 'due', 'hold:' .. lot.hold_id)
    save_hold(lot.hold_id, hold)
    redis.call('PEXPIRE', TAG .. 'hold:' .. lot.hold_id, KEEP_MS)
  end
end

-- Writes: sold to the leader, or not at all.
local function hammer(lot_id, lot)
  local terms = lot.terms
  local line = {sku = terms.sku, quantity = terms.quantity}
  local event = {
    lot_id = lot_id, state = 'unsold', winner_id = '', price_minor = 0, bids = lot.bids, hold_id = '', expires_at_ms = 0,
  }
  if lot.bids > 0 and lot.leader_max_minor >= terms.reserve_minor then -- guard: sold
    event.state, event.winner_id, event.price_minor, event.hold_id = 'sold', lot.leader_id, lot.price_minor, lot_id
    event.expires_at_ms = now_ms + terms.payment_ms
    event.lines = {move(line, 0, 0, 0)}
    hold_lot(lot, lot_id, lot.leader_id, event.expires_at_ms)
  else
    event.lines = {move(line, 0, -terms.quantity, 0)}
  end
  end_lot(lot_id, lot, event.state)
  emit('ledger.lot_ended.v1', lot_id, event)
end

-- Writes: what time asks of the lot. Every operation on a lot begins with it, so that none meets a lot that is not up to date.
local function ripen_lot(lot_id, lot)
  if lot.state == 'announced' and lot.starts_at_ms <= now_ms then -- guard: lot starts
    redis.call('ZADD', TAG .. 'due', int(lot.ends_at_ms), 'lot:' .. lot_id)
    lot.state = 'open'
    change_lot(lot_id, lot)
    emit('ledger.lot_started.v1', lot_id, {lot_id = lot_id, lot = standing(lot, next_minor(lot))})
  end
  if lot.state == 'open' and lot.ends_at_ms <= now_ms then -- guard: lot ends
    hammer(lot_id, lot)
  end
end

endings.lot = function(lot_id)
  ripen_lot(lot_id, load_lot(lot_id))
end

local function current_lot(lot_id)
  local lot = load_lot(lot_id)
  if lot then ripen_lot(lot_id, lot) end -- guard: known lot
  return lot
end
