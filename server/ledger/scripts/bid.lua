-- bid, set_maximum: command_id, lot_id, bidder_id, amount_minor, currency, ceiling_minor, confirmed
--   -> bid_accepted | unknown_lot | own_lot | wrong_currency | lot_over | lot_not_started (bid only) | over_ceiling
--      | needs_confirmation | bid_too_low
-- Reads and writes one small hash, however many bids there were, once per call.
-- Mirrors rules.lots.bid; tests/ledger/test_agreement.py, test_mutations.py.

-- Mirrors rules.lots._refusal: why a bid does not count, or nil.
local function bid_refusal(lot, command, exact)
  local terms = lot.terms
  if command.bidder_id == terms.seller_id then -- guard: own lot
    return {outcome = 'own_lot'}
  end
  if command.currency ~= terms.currency then -- guard: currency
    return {outcome = 'wrong_currency', currency = terms.currency}
  end
  if lot.state ~= 'announced' and lot.state ~= 'open' then -- guard: lot over
    return {outcome = 'lot_over', state = lot.state}
  end
  if exact and lot.state == 'announced' then -- guard: lot not started
    return {outcome = 'lot_not_started', starts_at_ms = lot.starts_at_ms}
  end
  if command.ceiling_minor > 0 and command.amount_minor > command.ceiling_minor then -- guard: ceiling
    return {outcome = 'over_ceiling', ceiling_minor = command.ceiling_minor}
  end
  local basis_minor = math.max(lot.price_minor, terms.start_minor) -- guard: basis
  if command.amount_minor > CONFIRM_TIMES * basis_minor and not command.confirmed then -- guard: confirmation
    return {outcome = 'needs_confirmation', price_minor = basis_minor}
  end
  local least_minor = next_minor(lot)
  if command.bidder_id == lot.leader_id then least_minor = lot.leader_max_minor + 1 end -- guard: least of the leader
  if command.amount_minor < least_minor then -- guard: too low
    return {outcome = 'bid_too_low', next_minor = least_minor}
  end
  return nil
end

-- Mirrors rules.lots.outbid: changes who leads, up to what and at which price. Returns who is outbid.
local function outbid(lot, bidder_id, amount_minor, exact)
  local terms, outbid_id = lot.terms, ''
  if bidder_id == lot.leader_id then -- guard: nobody bids against oneself
    lot.leader_max_minor = amount_minor
  elseif amount_minor > lot.leader_max_minor then -- guard: new leader
    if exact then -- guard: exact
      lot.price_minor = amount_minor
    elseif lot.bids == 0 then -- guard: first maximum
      lot.price_minor = terms.start_minor
    else
      lot.price_minor = math.min(amount_minor, lot.leader_max_minor + increment(terms, lot.leader_max_minor)) -- guard: proxy
    end
    outbid_id = lot.leader_id
    lot.leader_id = bidder_id
    lot.leader_max_minor = amount_minor
  else
    lot.price_minor = math.min(lot.leader_max_minor, amount_minor + increment(terms, amount_minor)) -- guard: defended
  end
  if lot.leader_max_minor >= terms.reserve_minor then -- guard: up to the reserve
    lot.price_minor = math.max(lot.price_minor, terms.reserve_minor) -- guard: reserve
  end
  lot.bids = lot.bids + 1
  return outbid_id
end

-- Mirrors rules.lots.soft_close.
local function soft_close(lot)
  local terms = lot.terms
  if terms.sudden_death or lot.ends_at_ms - now_ms > terms.window_ms then -- guard: soft close
    return lot.ends_at_ms
  end
  return math.max(lot.ends_at_ms, math.min(now_ms + terms.reset_ms, lot.hard_ends_at_ms)) -- guard: reset
end

local function bid(command, exact)
  local lot_id, bidder_id = command.lot_id, command.bidder_id
  local lot = current_lot(lot_id)
  if not lot then -- guard: lot to bid on
    return {outcome = 'unknown_lot'}
  end
  local refused = bid_refusal(lot, command, exact)
  if refused then -- guard: refused bid
    return refused
  end

  local early = lot.state == 'announced' -- guard: early
  local ends_at_ms = lot.ends_at_ms
  if not early and bidder_id ~= lot.leader_id then -- guard: clock of a raise
    ends_at_ms = soft_close(lot)
  end
  local extended = ends_at_ms > lot.ends_at_ms -- guard: extended
  lot.ends_at_ms = ends_at_ms
  local outbid_id = outbid(lot, bidder_id, command.amount_minor, exact)
  local state = standing(lot, next_minor(lot))
  change_lot(lot_id, lot)
  if extended then -- guard: due later
    redis.call('ZADD', TAG .. 'due', int(ends_at_ms), 'lot:' .. lot_id)
  end
  emit('ledger.bid_placed.v1', command.command_id, {
    lot_id = lot_id, bidder_id = bidder_id, amount_minor = command.amount_minor, exact = exact, early = early,
    extended = extended, outbid_id = outbid_id, lot = state,
  })
  return {
    outcome = 'bid_accepted', seq = seq, leads = lot.leader_id == bidder_id, price_minor = lot.price_minor, -- guard: leads
    next_minor = state.next_minor, ends_at_ms = ends_at_ms, reserve_met = state.reserve_met,
  }
end

operations.bid = function(command)
  return bid(command, true) -- guard: exact bid
end

operations.set_maximum = function(command)
  return bid(command, false) -- guard: maximum
end
