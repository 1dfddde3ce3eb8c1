//! Drivers for the hosts that Salt and `va_master` create servers on.
//!
//! Public is what a driver in another crate needs, and no more: [`driver::Driver`] with what its methods take
//! and answer, [`Error`] with its kinds, and [`cli::run_with`], which makes a program of it. Answers are made
//! by their constructors and may get further members; a driver's own tests give it a
//! [`driver::Context::below`] some directory. `docs/examples/rust-driver` is a crate that can create, too.
//!
//! ```
//! use std::process::ExitCode;
//! use std::sync::Arc;
//!
//! use va_driver::driver::{Context, Driver, Provider, Server, Status};
//! use va_driver::{Result, cli};
//!
//! #[derive(Debug)]
//! struct Shelf;
//!
//! impl Driver for Shelf {
//!     fn driver_id(&self) -> &'static str {
//!         "shelf"
//!     }
//!
//!     fn friendly_name(&self) -> &'static str {
//!         "Machines on a shelf"
//!     }
//!
//!     fn servers(&self, _: &Context, provider: &Provider, _: bool) -> Result<Vec<Server>> {
//!         let id = "1".to_owned();
//!         Ok(vec![Server::new(&provider.provider_name, "web-1", id, Status::Active)])
//!     }
//! }
//!
//! // What the program of such a crate does: all that va-driver does, over JSON-RPC too, with one driver
//! // more. Its `main` passes on `std::env::args_os()`.
//! let run = |args: &[&str]| cli::run_with(args, [Arc::new(Shelf) as Arc<dyn Driver>]);
//! assert_eq!(run(&["va-shelf", "steps", "shelf"]), ExitCode::SUCCESS);
//! assert_ne!(run(&["va-shelf", "steps", "cupboard"]), ExitCode::SUCCESS);
//! # let file = tempfile::NamedTempFile::with_suffix(".json").unwrap();
//! # std::fs::write(&file, r#"{"driver_name": "shelf", "provider_name": "mine"}"#).unwrap();
//! # let file = file.path().to_str().unwrap();
//! let list = ["va-shelf", "server", "list", "--provider-file", file];
//! assert_eq!(run(&list), ExitCode::SUCCESS);
//! ```
//!
//! | file or folder | concern |
//! |---|---|
//! | `cli`, `rpc` | what a person and a program see |
//! | `driver` | what a driver is, and what one is unless it says otherwise |
//! | `drivers` | those that there are |
//! | `config_drive` | what a guest reads at its first boot |
//! | `salt`, `template` | minions' keys and Salt's configuration; the templates of that |
//! | `transaction` | do and undo |
//! | `child` | other programs, run and ended |
//! | `tls` | certificates for libvirt's TLS |
//! | `decode` | Rust types out of JSON |
//! | `confined_dir`, `plain_file`, `private_file` | files below a directory that nothing leads out of; files that are read, without waiting and up to a limit; files that are written for their caller alone |
//! | `concurrent`, `units` | two things at once and the wait for one; KiB, MiB, GiB |
//! | `error`, `secret`, `redact` | errors and their kinds; texts that are not shown |

mod child;
pub mod cli;
mod concurrent;
mod config_drive;
mod confined_dir;
mod decode;
pub mod driver;
mod drivers;
mod error;
mod memory;
mod plain_file;
mod private_file;
mod redact;
mod rpc;
mod salt;
mod secret;
mod template;
mod tls;
mod transaction;
mod units;

#[cfg(fuzzing)]
#[path = "../fuzz/inside/mod.rs"]
pub mod fuzzing;

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
