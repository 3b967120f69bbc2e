-- Corrects a shop's bucket by an answer of Shopify.
-- KEYS: bucket. ARGV: time in ms (0: the server's), life of the key in s, reserved, spent, current, max, rate.
local bucket = redis.call('HMGET', KEYS[1], 'points', 'at', 'max', 'rate')
local function number(i, otherwise) return bucket[i] and tonumber(bucket[i]) or otherwise end
local current, max, rate = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])

local now = tonumber(ARGV[1])
if now == 0 then
  local t = redis.call('TIME')
  now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end
local at = number(2, now)
local clock = math.max(now, at)

local points = current
if bucket[1] then
  local oldmax, oldrate = number(3, 2000), number(4, 100)
  local restored = math.min(oldmax, tonumber(bucket[1]) + (clock - at) / 1000 * oldrate)
  -- Our own account knows of calls that Shopify had not seen when it wrote this answer, and Shopify's knows of what we
  -- missed. The lower one is right, and a bucket that is too low fills up by itself.
  points = math.min(current, restored + tonumber(ARGV[3]) - tonumber(ARGV[4]) + (max - oldmax))
end

redis.call('HSET', KEYS[1],
  'points', string.format('%.3f', math.min(max, points)),
  'at', string.format('%.0f', clock),
  'max', ARGV[6],
  'rate', ARGV[7])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 0
