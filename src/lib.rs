//! Drivers for the hosts that Salt and `va_master` create servers on.
//!
//! Public is what a driver in another crate needs: [`driver`], with what its types are made of.

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
