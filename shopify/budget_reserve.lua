-- Takes points out of a shop's bucket, or says how many milliseconds to wait.
-- KEYS: bucket. ARGV: time in ms (0: the server's), life of the key in s, cost, floor.
local bucket = redis.call('HMGET', KEYS[1], 'points', 'at', 'max', 'rate')
local function number(i, otherwise) return bucket[i] and tonumber(bucket[i]) or otherwise end
local max, rate = number(3, 2000), number(4, 100)

local now = tonumber(ARGV[1])
if now == 0 then
  local t = redis.call('TIME')
  now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end
local at = number(2, now)
-- A clock that went back restores nothing twice.
local clock = math.max(now, at)

local points = math.min(max, number(1, max) + (clock - at) / 1000 * rate)
local cost, floor = tonumber(ARGV[3]), tonumber(ARGV[4])
-- A full bucket is enough for everything: more will never be in it.
local need = math.min(cost + floor, max)

if points >= need then
  redis.call('HSET', KEYS[1], 'points', string.format('%.3f', points - cost), 'at', string.format('%.0f', clock))
  redis.call('EXPIRE', KEYS[1], ARGV[2])
  return 0
end

-- Who waits gets a turn after those who already wait. Work that leaves a floor waits in its own line.
local line = floor > 0 and 'low' or 'high'
local turn = now + (need - points) / rate * 1000
turn = math.max(turn, tonumber(redis.call('HGET', KEYS[1], line) or 0))
turn = math.min(turn, now + 60000)
redis.call('HSET', KEYS[1], line, string.format('%.0f', turn + cost / rate * 1000))
redis.call('EXPIRE', KEYS[1], ARGV[2])
return math.max(1, math.ceil(turn - now))
