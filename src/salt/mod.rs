//! What the Salt master reads: minion keys, its pki directory, `cloud.providers.d` and `cloud.profiles.d`.
//!
//! | file | concern |
//! |---|---|
//! | `minion_id` | which names a minion may have |
//! | `pem` | PEM blocks, taken apart and put together |
//! | `public_key`, `key_pair` | RSA keys in the forms that Salt writes |
//! | `fingerprint` | a key's fingerprint as `salt-key -f` shows it |
//! | `pki_dir` | accepting and revoking a key on the master |
//! | `key_files` | a minion's key pair as files |
//! | `config_files`, `provider_files` | writing and reading the cloud configuration |
//! | `start_event` | waiting for a minion's start, as its master sees it |
//! | `methods` | the protocol's `key.*` methods |

mod config_files;
mod fingerprint;
mod key_files;
mod key_pair;
pub mod methods;
mod minion_id;
pub(crate) mod pem;
mod pki_dir;
mod provider_files;
mod public_key;
mod start_event;

pub use config_files::{ConfigKind, Planned, Written, plan_config, write_config};
pub use fingerprint::HashType;
pub(crate) use fingerprint::may_be_master_finger;
pub use key_files::{KeyFiles, write_key_files};
pub use key_pair::{KeyPair, RsaBits};
pub use minion_id::MinionId;
pub(crate) use pki_dir::is_accepted;
pub use pki_dir::{Accepted, ExpectedKey, Revoked, accept, revoke};
pub use provider_files::{provider_names, read_provider};
pub use public_key::PublicKey;
pub use start_event::StartEvent;
