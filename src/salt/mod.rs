//! What the Salt master reads: minion keys, its pki directory, `cloud.providers.d` and `cloud.profiles.d`.
//!
//! | file | concern |
//! |---|---|
//! | `minion_id` | which names a minion may have |
//! | `pem` | PEM blocks, taken apart and put together |
//! | `public_key`, `key_pair` | RSA keys in the forms that Salt writes |
//! | `pair_ahead` | a key pair that is made before it is wanted |
//! | `fingerprint` | a key's fingerprint as `salt-key -f` shows it |
//! | `pki_dir` | accepting and revoking a key on the master |
//! | `key_files` | a minion's key pair as files |
//! | `config_files`, `provider_files` | writing and reading the cloud configuration |
//! | `other_profiles` | what was written for the same provider under other names |
//! | `start_event` | waiting for a minion's start, as its master sees it |
//! | `methods` | the protocol's `key.*` methods |

mod config_files;
mod fingerprint;
mod key_files;
mod key_pair;
pub(crate) mod methods;
mod minion_id;
mod other_profiles;
mod pair_ahead;
pub(crate) mod pem;
mod pki_dir;
mod provider_files;
mod public_key;
mod start_event;

pub(crate) use config_files::{ConfigKind, Planned, plan_config, write_config};
pub(crate) use fingerprint::{HashType, may_be_master_finger};
pub(crate) use key_files::{key_names, write_key_files};
pub use key_pair::{KeyPair, RsaBits};
pub use minion_id::MinionId;
pub(crate) use other_profiles::other_profiles;
pub(crate) use pair_ahead::PairAhead;
pub(crate) use pki_dir::{ExpectedKey, accept, accepted_key, is_accepted, revoke};
pub(crate) use provider_files::{list_providers, read_provider};
pub use public_key::PublicKey;
pub(crate) use start_event::StartEvent;
