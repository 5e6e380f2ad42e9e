-- giveaways: units that are put aside, entered for and drawn.
-- Mirrors rules/giveaways.py; tests/ledger/test_agreement.py, test_mutations.py.
--
--   giveaway:<id>      hash   sku, winners_max, commitment, ends_at_ms, state, entries; seed and winners (JSON) once it is drawn
--   entrants:<id>      hash   entrant_id -> number; forgotten KEEP_MS after the draw, the log knows them for ever
--   In `due` by its end while it is open.

local function load_giveaway(giveaway_id)
  local found = redis.call('HMGET', TAG .. 'giveaway:' .. giveaway_id, 'sku', 'winners_max', 'ends_at_ms', 'state', 'entries')
  if not found[1] then return nil end -- guard: unknown giveaway
  return {
    sku = found[1], winners_max = tonumber(found[2]), ends_at_ms = tonumber(found[3]), state = found[4],
    entries = tonumber(found[5]),
  }
end

-- Writes: what time asks of the giveaway.
local function ripen_giveaway(giveaway_id, giveaway)
  if giveaway.state == 'open' and giveaway.ends_at_ms <= now_ms then -- guard: giveaway ends
    giveaway.state = 'ended'
    redis.call('HSET', TAG .. 'giveaway:' .. giveaway_id, 'state', 'ended')
    redis.call('ZREM', TAG .. 'due', 'giveaway:' .. giveaway_id)
    emit('ledger.giveaway_ended.v1', giveaway_id, {giveaway_id = giveaway_id, entries = giveaway.entries})
  end
end

endings.giveaway = function(giveaway_id)
  ripen_giveaway(giveaway_id, load_giveaway(giveaway_id))
end

local function current_giveaway(giveaway_id)
  local giveaway = load_giveaway(giveaway_id)
  if giveaway then ripen_giveaway(giveaway_id, giveaway) end -- guard: known giveaway
  return giveaway
end

-- open_giveaway: command_id (also the giveaway's id), sku, winners_max, lasts_ms, commitment
--   -> opened | unknown_sku | sold_out | idempotency_conflict
operations.open_giveaway = function(command)
  local giveaway_id, units = command.command_id, command.winners_max
  if taken(giveaway_id) then -- guard: the id of the giveaway is used up
    return {outcome = 'idempotency_conflict'}
  end
  local pool = load_pool(command.sku)
  if not pool then -- guard: no such pool for a giveaway
    return {outcome = 'unknown_sku', sku = command.sku}
  end
  if units > pool.available then -- guard: stock of a giveaway
    return {outcome = 'sold_out', sku = command.sku, available = pool.available}
  end

  local ends_at_ms = now_ms + command.lasts_ms
  local line = move({sku = command.sku, quantity = units}, 0, units, 0)
  redis.call('HSET', TAG .. 'giveaway:' .. giveaway_id, 'sku', command.sku, 'winners_max', int(units), 'commitment',
    command.commitment, 'ends_at_ms', int(ends_at_ms), 'state', 'open', 'entries', '0', 'seed', '', 'winners', '[]')
  redis.call('ZADD', TAG .. 'due', int(ends_at_ms), 'giveaway:' .. giveaway_id)
  note_open('giveaway', giveaway_id, 0)
  emit('ledger.giveaway_opened.v1', giveaway_id, {
    giveaway_id = giveaway_id, winners_max = units, commitment = command.commitment, ends_at_ms = ends_at_ms, lines = {line},
  })
  return {outcome = 'opened', starts_at_ms = now_ms, ends_at_ms = ends_at_ms}
end

-- enter: command_id, giveaway_id, entrant_id -> entered | unknown_giveaway | giveaway_over
operations.enter = function(command)
  local giveaway_id = command.giveaway_id
  local giveaway = current_giveaway(giveaway_id)
  if not giveaway then -- guard: giveaway to enter
    return {outcome = 'unknown_giveaway'}
  end
  local number = redis.call('HGET', TAG .. 'entrants:' .. giveaway_id, command.entrant_id)
  if number then -- guard: once per person
    return {outcome = 'entered', entries = tonumber(number)}
  end
  if giveaway.state ~= 'open' then -- guard: too late to enter
    return {outcome = 'giveaway_over'}
  end

  local entries = giveaway.entries + 1
  redis.call('HSET', TAG .. 'entrants:' .. giveaway_id, command.entrant_id, int(entries))
  redis.call('HSET', TAG .. 'giveaway:' .. giveaway_id, 'entries', int(entries))
  emit('ledger.giveaway_entered.v1', command.command_id, {
    giveaway_id = giveaway_id, entrant_id = command.entrant_id, entries = entries,
  })
  return {outcome = 'entered', entries = entries}
end

-- draw: command_id, giveaway_id, seed, winners -> drawn | unknown_giveaway | giveaway_not_over | giveaway_over
--   | too_many_winners | not_entered
operations.draw = function(command)
  local giveaway_id, winners = command.giveaway_id, command.winners
  local giveaway = current_giveaway(giveaway_id)
  if not giveaway then -- guard: giveaway to draw
    return {outcome = 'unknown_giveaway'}
  end
  if giveaway.state == 'open' then -- guard: giveaway goes on
    return {outcome = 'giveaway_not_over', ends_at_ms = giveaway.ends_at_ms}
  end
  if giveaway.state == 'drawn' then -- guard: drawn once
    return {outcome = 'giveaway_over'}
  end
  if #winners > giveaway.winners_max then -- guard: a unit for each winner
    return {outcome = 'too_many_winners', winners_max = giveaway.winners_max}
  end
  for _, winner_id in ipairs(winners) do
    if redis.call('HEXISTS', TAG .. 'entrants:' .. giveaway_id, winner_id) == 0 then -- guard: winners entered
      return {outcome = 'not_entered', entrant_id = winner_id}
    end
  end

  local units = giveaway.winners_max
  local line = move({sku = giveaway.sku, quantity = units}, 0, -units, #winners)
  local names = #winners == 0 and '[]' or cjson.encode(winners) -- guard: nobody won
  redis.call('HSET', TAG .. 'giveaway:' .. giveaway_id, 'state', 'drawn', 'seed', command.seed, 'winners', names)
  note_ended('giveaway', giveaway_id)
  redis.call('PEXPIRE', TAG .. 'entrants:' .. giveaway_id, KEEP_MS)
  emit('ledger.giveaway_drawn.v1', command.command_id, {
    giveaway_id = giveaway_id, seed = command.seed, winners = winners, lines = {line},
  })
  if #winners == 0 then -- saves: only an empty table was written as {}
    emitted[#emitted] = string.gsub(emitted[#emitted], '"winners":{}', '"winners":[]')
  end
  return {outcome = 'drawn', json = '{"outcome":"drawn","winners":' .. names .. '}'}
end
