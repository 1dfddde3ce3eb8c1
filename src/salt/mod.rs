//! What the Salt master reads: minion keys, its pki directory, `cloud.providers.d` and `cloud.profiles.d`.
