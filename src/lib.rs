//! Drivers for the hosts that Salt and `va_master` create servers on.

pub mod cli;
mod concurrent;
pub mod config_drive;
mod confined_dir;
mod decode;
pub mod driver;
pub mod drivers;
pub mod error;
pub mod rpc;
pub mod salt;
pub mod secret;
pub mod template;
pub mod tls;
pub mod transaction;
mod units;

pub use error::{Error, Kind, LeftBehind, Result};
pub use secret::Secret;
