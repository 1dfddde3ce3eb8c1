//! Drivers for the hosts that Salt and `va_master` create servers on.
//!
//! Public is what a driver in another crate needs: [`driver`], with what its types are made of.
//!
//! | file or folder | concern |
//! |---|---|
//! | `cli`, `rpc` | what a person and a program see |
//! | `driver` | what a driver is, and what one is unless it says otherwise |
//! | `drivers` | those that there are |
//! | `config_drive` | what a guest reads at its first boot |
//! | `salt`, `template` | minions' keys and Salt's configuration; the templates of that |
//! | `transaction` | do and undo |
//! | `tls` | certificates for libvirt's TLS |
//! | `decode` | Rust types out of JSON |
//! | `confined_dir` | files below a directory that nothing leads out of |
//! | `concurrent`, `units` | two things at once and the wait for one; KiB, MiB, GiB |
//! | `error`, `secret` | errors and their kinds; texts that are not shown |

pub mod cli;
mod concurrent;
mod config_drive;
mod confined_dir;
mod decode;
pub mod driver;
mod drivers;
mod error;
mod rpc;
mod salt;
mod secret;
mod template;
mod tls;
mod transaction;
mod units;

pub use error::{Error, Kind, LeftBehind, Result};
pub use secret::Secret;
pub use template::TemplateDirectory;
pub use transaction::Cancel;

/// What this crate's own tests and benchmarks use, and nobody else.
#[doc(hidden)]
pub mod testing {
    pub use crate::config_drive::{Format, Seed, SeedMinion, iso9660, seal};
    pub use crate::rpc::METHODS;
    pub use crate::salt::methods::{KeyGenerate, key_generate};
    pub use crate::salt::{KeyPair, MinionId, PublicKey, RsaBits};
    pub use crate::tls::{Replace, TlsInit, TlsInitialised, tls_init};
}
