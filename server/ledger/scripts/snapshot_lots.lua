-- snapshot_lots: sections `lots` and `giveaways` of the snapshot, with their secrets: the server keeps those to itself.
-- Mirrors rules.LotRecord and rules.GiveawayRecord; tests/ledger/test_snapshot_lots.py.
local LOT = {'state', 'leader_id', 'hold_id', 'starts_at_ms', 'ends_at_ms', 'hard_ends_at_ms', 'price_minor', 'leader_max_minor',
  'bids', 'terms'}
local LOT_TEXTS = {state = true, leader_id = true, hold_id = true}
local GIVEAWAY = {'sku', 'commitment', 'state', 'seed', 'winners_max', 'ends_at_ms', 'entries', 'winners'}
local GIVEAWAY_TEXTS = {sku = true, commitment = true, state = true, seed = true}

section('lots', 'lot', function(lot_id)
  local lot = object(TAG .. 'lot:' .. lot_id, LOT, LOT_TEXTS, {})
  return '{"lot_id":' .. cjson.encode(lot_id) .. ',"lot":' .. lot .. '}'
end)

section('giveaways', 'giveaway', function(giveaway_id)
  local giveaway = object(TAG .. 'giveaway:' .. giveaway_id, GIVEAWAY, GIVEAWAY_TEXTS, {})
  return '{"giveaway_id":' .. cjson.encode(giveaway_id) .. ',"giveaway":' .. giveaway .. '}'
end)
