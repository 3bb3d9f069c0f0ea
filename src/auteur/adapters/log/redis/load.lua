-- The newest snapshot, and what the log says of its age.
-- Returns {'OK', token, base, base_at, snapshot token, snapshot seq, body}, {'NONE'} or {'UNSOUND'}

local project = know_project()
if not project.sound then return {'UNSOUND'} end
if not project.token or not project.snapshot_token then return {'NONE'} end
return {'OK', project.token, project.base, redis.call('HGET', KEYS[1], 'base_at') or '0',
  project.snapshot_token, project.snapshot_seq, redis.call('HGET', KEYS[3], 'body')}
