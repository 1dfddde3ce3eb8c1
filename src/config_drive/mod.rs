//! What the guest reads at its first boot: a config drive, built in memory.
//!
//! A [`Seed`] says what the guest is to be. [`Seed::files`] are the files that cloud-init reads,
//! [`Seed::image`] is the ISO 9660 image of them. [`seal`] takes the minion's private key out of
//! an image again, and [`build`] is the protocol's method `config_drive.build`.
//!
//! | file or folder | concern |
//! |---|---|
//! | `seed`, `check` | what a guest is told, and whether it makes sense |
//! | `user_data`, `network` | the two parts that cloud-init has formats of its own for |
//! | `files`, `iso9660` | the files, and the image of them |
//! | `cloud` | the seed of a guest whose metadata a cloud writes |
//! | `seal` | the minion's private key taken out of an image |
//! | `build` | the protocol's `config_drive.build` |
//! | `testing` | what the tests of this room start from |

mod build;
mod check;
mod cloud;
mod files;
pub mod iso9660;
mod network;
mod seal;
mod seed;
#[cfg(test)]
mod testing;
mod user_data;

pub(crate) use cloud::cloud_user_data;
pub(crate) use network::Mac;

pub(crate) use build::{BuildAnswer, BuildRequest, build};
pub use seal::seal;
pub(crate) use seed::Interface;
pub use seed::{Format, Route, Seed, SeedMinion};
pub(crate) use user_data::ignition;

/// Where the guest's minion keeps its keys; cloud-init is told to put them there.
pub(crate) const PKI_DIR: &str = "/etc/salt/pki/minion";
