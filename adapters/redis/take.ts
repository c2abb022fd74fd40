/**
 * Takes one place in a sliding window, as one step: a sorted set of the moments places were taken.
 *
 * The moment is Redis's own (TIME), so that processes with different clocks share one window. It is counted
 * in microseconds, which stay exact in a double until the year 2255. A refused take adds nothing. The key
 * dies with its newest place.
 *
 * KEYS[1] the window; ARGV: limit, window in µs, a name no other take has, and for tests the moment in µs.
 * Answers {1, places left} or {0, µs until a place is free}.
 */
export const TAKE = `
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local now = tonumber(ARGV[4])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000000 + tonumber(time[2])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - window))
local taken = redis.call('ZCARD', KEYS[1])
if taken >= limit then
  -- When the limit was lowered meanwhile, the place that must leave first is not the oldest.
  local inTheWay = redis.call('ZRANGE', KEYS[1], taken - limit, taken - limit, 'WITHSCORES')
  return {0, tonumber(inTheWay[2]) + window - now}
end
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[3])
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
return {1, limit - taken - 1}
`;
